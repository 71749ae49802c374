import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import { checkVersion, findNatsServer, programVersion } from '../../lib/nats/server/find-server';
import { DOWNLOADS, install, installCommands, typedCommand } from '../../lib/nats/server/installer';
import { retryServers } from './hosting';

/** The `nats-server` of this machine, or what installs it. */
interface ProgramReport {
  /** Its path; without one there is none. */
  path?: string;
  version?: string;
  /** What a person types to install it; without one it has to be downloaded. */
  command?: string;
  downloads: string;
  /** Whether this Node-RED can install it without a password. */
  isInstallable: boolean;
}

/** What Node-RED's settings say about installing packs from the editor. */
interface InstallSettings {
  externalModules?: { palette?: { allowInstall?: boolean } };
}

/** Installs the server, for the nodes that wait for it too. What is installed, and how, is fixed. */
export async function installProgram(RED: NodeAPI): Promise<ProgramReport> {
  if (!mayInstall(RED)) throw new CodedError('INSTALL_FAILED-off');
  await install();
  retryServers();
  return programReport(RED);
}

/** What this machine has, or what installs it. */
export async function programReport(RED: NodeAPI): Promise<ProgramReport> {
  const path = findNatsServer();
  const command = typedCommand();
  const advice = { ...(command && { command }), downloads: DOWNLOADS };
  if (path === undefined) {
    return { ...advice, isInstallable: mayInstall(RED) && (await installCommands()) !== undefined };
  }
  const version = await programVersion(path);
  checkVersion(path, version);
  return { path, version, ...advice, isInstallable: false };
}

/** Users who may not add packs from the editor may not add programs either. */
function mayInstall({ settings }: NodeAPI): boolean {
  return (settings as InstallSettings).externalModules?.palette?.allowInstall !== false;
}
