import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { settingsOfProcess } from '../../nodes/shared/stack';

const environment = { ...process.env };
let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-nodes-'));
	await writeFile(path.join(folder, 'mode'), 'queue\n');
});

afterEach(() => {
	process.env = { ...environment };
});

afterAll(async () => await rm(folder, { recursive: true }));

it('are read from a file where n8n reads them there', () => {
	process.env.EXECUTIONS_MODE_FILE = path.join(folder, 'mode');
	expect(settingsOfProcess().value('EXECUTIONS_MODE')).toBe('queue');
	process.env.EXECUTIONS_MODE = 'regular';
	expect(settingsOfProcess().value('EXECUTIONS_MODE')).toBe('regular');
});

it('tell only that a key is given, whose file is not read', () => {
	process.env.N8N_ENCRYPTION_KEY_FILE = path.join(folder, 'none');
	expect(settingsOfProcess().shown('N8N_ENCRYPTION_KEY')).toBe('given');
});

it('name a file that cannot be read', () => {
	process.env.EXECUTIONS_MODE_FILE = path.join(folder, 'none');
	expect(() => settingsOfProcess()).toThrow(
		/^The file that EXECUTIONS_MODE_FILE names cannot be read: ENOENT/,
	);
});
