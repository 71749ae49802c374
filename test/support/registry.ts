import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** An npm registry with one package, and a catalogue with it for the palette manager. */
interface Registry {
  url: string;
  catalogueUrl: string;
  publish(version: string, tarball: string): void;
}

interface Manifest {
  name: string;
  description: string;
  keywords: string[];
  'node-red': { nodes: Record<string, string> };
}

/**
 * Runs a registry until the test ends; requests for other packages are redirected to npm's own.
 * Its API: https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
 */
export async function startRegistry(t: TestContext, manifest: Manifest): Promise<Registry> {
  const upstream = process.env.npm_config_registry ?? 'https://registry.npmjs.org/';
  const versions = new Map<string, Buffer>();
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const document = () => {
    const entries = [...versions].map(([version, tarball]) => {
      const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      return [version, { ...manifest, version, dist: { tarball: `${url}tarballs/${version}`, integrity } }] as const;
    });
    const latest = [...versions.keys()].at(-1);
    return { name: manifest.name, 'dist-tags': { latest }, versions: Object.fromEntries(entries) };
  };
  // https://nodered.org/docs/user-guide/runtime/configuration: palette.catalogues
  const catalogue = () => ({
    name: 'local',
    updated_at: new Date().toISOString(),
    modules: [...versions.keys()].slice(-1).map((version) => ({
      id: manifest.name,
      version,
      description: manifest.description,
      keywords: manifest.keywords,
      types: Object.keys(manifest['node-red'].nodes),
      updated_at: new Date().toISOString(),
      url: `${url}about`,
    })),
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = '/'] = (request.url ?? '').split('?');
    const tarball = versions.get(path.replace('/tarballs/', ''));
    if (tarball) response.end(tarball);
    else if (path === '/catalogue.json') {
      response.setHeader('access-control-allow-origin', '*');
      response.end(JSON.stringify(catalogue()));
    } else if (decodeURIComponent(path) === `/${manifest.name}`) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(document()));
    } else response.writeHead(302, { location: new URL(path.slice(1), upstream).href }).end();
  }

  return {
    url,
    catalogueUrl: `${url}catalogue.json`,
    publish: (version, tarball) => versions.set(version, readFileSync(tarball)),
  };
}
