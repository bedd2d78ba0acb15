export { getN8n } from './get-n8n.ts';
export { checkPort, choosePorts, N8N_PORT } from './ports.ts';
export { Progress } from './progress.ts';
export { parseOptions, PORTS, readWholeNumber } from './read-options.ts';
export { reset } from './reset.ts';
export { runSession, type Session, untilAsked } from './session.ts';
export { claimRun, endRun, noteRun, noteStarted } from './single-run.ts';
export { StateFolder, type StateFolderKind } from './state-folder.ts';
export { Stopped, stopSignal } from './stop-signals.ts';
