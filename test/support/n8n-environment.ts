/** Import before n8n-core: keeps it quiet, and its settings file out of the home directory. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import 'reflect-metadata';

const worker = process.env.JEST_WORKER_ID ?? process.pid;
const folder = join(__dirname, `../../node_modules/.cache/n8n-in-tests/${worker}`);

mkdirSync(folder, { recursive: true });
process.env.N8N_USER_FOLDER = folder;
process.env.N8N_ENCRYPTION_KEY = 'for-tests-only';
process.env.N8N_LOG_LEVEL = 'silent';
