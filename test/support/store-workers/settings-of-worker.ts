import type { WorkerSettings } from './messages';

const given = process.argv[2];
if (given === undefined) throw new Error('A worker is started with its settings as JSON');

export const settings = JSON.parse(given) as WorkerSettings;
