import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

import { BulwarkOperations } from '../../nodes/BulwarkOperations/BulwarkOperations.node';
import { BulwarkTrigger } from '../../nodes/BulwarkTrigger/BulwarkTrigger.node';
import { closeStacks } from '../../nodes/shared/stack';
import { runWorkflow, startTrigger } from '../support/workflow-harness';

/** In which n8n-core keeps what it has read: that of its own version. */
const { Container } = createRequire(require.resolve('n8n-core'))('@n8n/di') as {
	readonly Container: { reset(): void };
};

const environment = { ...process.env };
/** User folder of n8n, and what else there is beside it. */
let folder: string;

beforeAll(async () => {
	folder = await realpath(await mkdtemp(path.join(tmpdir(), 'bulwark-nodes-')));
	for (const place of ['.n8n', 'other', 'repository/.git', 'allowed'])
		await mkdir(path.join(folder, place), { recursive: true });
	for (const place of ['.n8n/database.sqlite', 'other/database.sqlite'])
		await writeFile(path.join(folder, place), '');
	await symlink(path.join(folder, '.n8n/database.sqlite'), path.join(folder, 'allowed/link'));
	await writeFile(path.join(folder, 'restriction'), `${folder}/other`);
});

afterEach(async () => {
	await closeStacks();
	process.env = { ...environment };
	Container.reset();
});

afterAll(async () => await rm(folder, { recursive: true }));

const inFolder = (text: string) => text.replaceAll('<folder>', folder);

/** n8n reads what its environment sets once. */
function beginN8n(settings: Readonly<Record<string, string>>): void {
	const given = Object.entries(settings).map(([name, text]) => [name, inFolder(text)]);
	Object.assign(process.env, Object.fromEntries(given), {
		N8N_USER_FOLDER: folder,
		BULWARK_STATE_FOLDER: path.join(folder, 'state'),
	});
	Container.reset();
}

/** What a node says to the file: nothing where it takes it. */
type Answer = { readonly message: string; readonly description?: string | null } | undefined;

async function operations(databaseFile: string): Promise<Answer> {
	const parameters = {
		resource: 'recovery',
		operation: 'getAll',
		database: 'sqlite',
		databaseFile,
	};
	const { error } = await runWorkflow({
		nodes: [{ name: 'Operations', type: 'bulwarkOperations', parameters }],
		connections: [],
		nodeTypes: { bulwarkOperations: new BulwarkOperations() },
	});
	return error;
}

async function trigger(databaseFile: string): Promise<Answer> {
	const parameters = { events: ['execution'], database: 'sqlite', databaseFile };
	const nodes = [{ name: 'Trigger', type: 'bulwarkTrigger', parameters }];
	const nodeTypes = { bulwarkTrigger: new BulwarkTrigger() };
	return await startTrigger({ nodes, connections: [], nodeTypes }, { mode: 'manual' }).then(
		() => undefined,
		(error: Error) => error,
	);
}

const OWN = '<folder>/.n8n/database.sqlite';
const OTHER = '<folder>/other/database.sqlite';
const UNBLOCKED = { N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES: 'false' };
const only = (places: string) => ({ N8N_RESTRICT_FILE_ACCESS_TO: places });

it.each<[string, Readonly<Record<string, string>>, string]>([
	['with both settings', { ...UNBLOCKED, ...only(`~/.n8n-files;${OWN}`) }, OWN],
	['in quotes', { ...UNBLOCKED, ...only(` "~/.n8n-files; ${OWN}" `) }, OWN],
	['through a link', { ...UNBLOCKED, ...only(OWN) }, '<folder>/allowed/link'],
	['elsewhere, where nothing is restricted', only(''), OTHER],
	['in a folder that is allowed', only('<folder>/other'), OTHER],
	['by a setting in a file', { N8N_RESTRICT_FILE_ACCESS_TO_FILE: '<folder>/restriction' }, OTHER],
	['where all nodes may read', {}, path.join(homedir(), '.n8n-files', 'database.sqlite')],
])('both nodes take the database that n8n lets nodes to: %s', async (_, settings, file) => {
	beginN8n(settings);
	expect(await operations(inFolder(file))).toBeUndefined();
	expect(await trigger(inFolder(file))).toBeUndefined();
});

const UNBLOCK = 'N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES=false';
const ALLOW = 'N8N_RESTRICT_FILE_ACCESS_TO=';
const PATTERNS = 'N8N_BLOCK_FILE_PATTERNS to patterns that do not match it';

it.each<[string, Readonly<Record<string, string>>, string, string]>([
	['as n8n is by default', {}, OWN, `${UNBLOCK} and ${ALLOW}~/.n8n-files;${OWN}`],
	['with one setting only', UNBLOCKED, OWN, `${ALLOW}~/.n8n-files;${OWN}`],
	['with the other one only', only(OWN), OWN, UNBLOCK],
	[
		'spelled as n8n does not take it',
		{ ...only(OWN), [UNBLOCK.slice(0, -6)]: 'FALSE' },
		OWN,
		UNBLOCK,
	],
	['where nothing else is restricted', only(''), OWN, UNBLOCK],
	['elsewhere', UNBLOCKED, OTHER, `${ALLOW}~/.n8n-files;${OTHER}`],
	['beside what is allowed', only('<folder>/oth'), OTHER, `${ALLOW}<folder>/oth;${OTHER}`],
	['through a link', only('<folder>/allowed'), '<folder>/allowed/link', `${UNBLOCK} and `],
	['by a pattern', { ...only(''), N8N_BLOCK_FILE_PATTERNS: 'a;\\.SQLITE$' }, OTHER, PATTERNS],
	['by a pattern that is none', { ...only(''), N8N_BLOCK_FILE_PATTERNS: '(' }, OTHER, PATTERNS],
	['in a repository', only('<folder>'), '<folder>/repository/.git/database.sqlite', PATTERNS],
	['with extensions', { ...only(''), N8N_CUSTOM_EXTENSIONS: '/a;<folder>/other' }, OTHER, UNBLOCK],
	['with configurations', { ...only(''), N8N_CONFIG_FILES: `/a,${OTHER}` }, OTHER, UNBLOCK],
	['in the cache', only(''), '<folder>/.cache/n8n/public/database.sqlite', UNBLOCK],
])('both nodes refuse what n8n keeps from nodes, and say what to set: %s', async (...one) => {
	const [, settings, file, remedy] = one;
	beginN8n(settings);
	for (const refusal of [await operations(inFolder(file)), await trigger(inFolder(file))]) {
		expect(refusal?.message).toContain(`keeps nodes away from by ${remedy.split(/[= ]/)[0]}`);
		expect(refusal?.description).toMatch(/^Let n8n's operator set .* and start n8n again/);
		expect(refusal?.description).toContain(`set ${inFolder(remedy)}`);
		for (const name of [UNBLOCK, ALLOW, PATTERNS])
			if (!remedy.includes(name) && !remedy.endsWith('and '))
				expect(refusal?.description).not.toContain(name);
	}
});

it('both nodes ask for the path where there is none', async () => {
	beginN8n({});
	for (const refusal of [await operations(' '), await trigger(' ')])
		expect(refusal).toMatchObject({ message: '"Database File" is "": empty' });
});
