import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { startScene } from '../support/scene';

const ROOT = join(__dirname, '..', '..', '..');
const GUIDES = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
const PAGES = ['README.md', ...GUIDES.map((file) => `docs/${file}`)];

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** The links of a page to other files or to its own headings. */
function relativeLinks(page: string): string[] {
  const prose = textOf(page).replace(/^```.*?^```$/gms, '');
  const links = Array.from(prose.matchAll(/\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"/g), ([, link, src]) => link ?? src);
  return links.filter((link) => link !== undefined && !/^[a-z]+:/.test(link)) as string[];
}

/** The anchors that GitHub creates for the headings of a page. */
function anchors(page: string): string[] {
  return Array.from(textOf(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isDead(page: string, link: string): boolean {
  const [path, anchor] = link.split('#');
  const target = path ? join(dirname(page), decodeURIComponent(path)) : page;
  return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchors(target).includes(anchor));
}

test('every relative link in the README and the guides leads to an existing file and heading', () => {
  const links = PAGES.flatMap((page) => relativeLinks(page).map((link) => ({ page, link })));
  assert(links.length > 20, `${links.length} links`);
  assert.deepEqual(
    links.filter(({ page, link }) => isDead(page, link)),
    [],
  );
});

test('each guide can be reached from the README', () => {
  const links = relativeLinks('README.md');
  for (const guide of GUIDES) assert(links.includes(`docs/${guide}`), guide);
});

test('the messages that the guide to drawing publishes are shown', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'subscribe', type: 'nats-subscribe', subject: 'light', wires: [['led']] },
    { id: 'led', type: 'sense-led', secondsPerColumn: 0.01, wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  const commands = textOf('docs/drawing.md').matchAll(/^nats pub light '(.*)'$/gm);
  const payloads = Array.from(commands, ([, payload]) => payload as string);
  assert(payloads.length >= 3);
  for (const payload of payloads) {
    peer.nc.publish('light', payload);
    assert.deepEqual((await flow.next('out')).payload, JSON.parse(payload));
  }
});
