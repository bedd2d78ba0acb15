import { definePolicy } from '../../core/policies/define';
import { listWorkers } from '../../mcp-server/tools/health/list-workers';
import type { TestClient } from '../support/mcp/mcp-clients';
import { startPolicyStack, type PolicyStack } from '../support/mcp/policy-stack';

/** A bad one, which stands in the names of policies. */
const SECRET = 'payments';

const NAMES = ['a', `${SECRET} in`, `${SECRET} out`, 'mail', `the ${SECRET}`, 'users'];
const SHOWN = NAMES.map((name) => name.replace(SECRET, '[secret]'));

let stack: PolicyStack;
let steps: PolicyStack['steps'];
let client: TestClient;

beforeAll(async () => {
	stack = await startPolicyStack({ BULWARK_N8N_API_KEY: SECRET });
	({ steps } = stack);
	for (const name of NAMES) {
		const breaker = definePolicy('circuit-breaker', name, {});
		await steps.registry.note(breaker, { id: name, title: '"Breaker" of workflow "Orders"' });
		await steps.store.override(breaker, '', 'open');
	}
	client = await stack.server.connect('viewer');
});

afterAll(async () => {
	await stack?.stop();
});

/** Of each page its names and its cursor. */
async function pagesOf(given: object) {
	const pages: Array<{ names: string[]; cursor: string | undefined }> = [];
	let cursor: string | undefined;
	do {
		const { structured, text } = await client.call('list_policies', { ...given, cursor });
		cursor = structured.nextCursor;
		// Who is shown the text alone must be able to go on.
		expect(text.split('\n').at(-1)!.includes(`"cursor": "${cursor}"`)).toBe(cursor !== undefined);
		pages.push({ names: structured.policies.map(({ name }: { name: string }) => name), cursor });
	} while (cursor !== undefined && pages.length <= NAMES.length);
	return pages;
}

it.each([1, 2, 4, 100])(
	'shows each policy once by pages of %d, with no secret in a cursor',
	async (limit) => {
		for (const onlyTroubled of [false, true]) {
			const pages = await pagesOf({ limit, onlyTroubled });
			expect(pages.flatMap(({ names }) => names).sort()).toEqual([...SHOWN].sort());
			for (const { cursor = '' } of pages)
				expect(Buffer.from(cursor, 'base64url').toString()).not.toContain(SECRET);
		}
	},
);

it.each([1, 2, 4, 100])(
	'shows each worker once by pages of %d, with no secret in a cursor',
	async (limit) => {
		const workers = [...NAMES].sort().map((id) => ({
			...{ id, hostId: id, pool: 'default', version: '2.41.1', state: 'idle', since: 0 },
			...{ process: 'answers', slotsSeen: 1, evidence: [] },
		}));
		const check = () =>
			Promise.resolve({ observation: { workers }, health: { at: 0, unknowns: [] } });
		const call = { holdsSecret: (text: string) => text.includes(SECRET) };
		const shown: string[] = [];
		let cursor: string | undefined;
		do {
			const { output }: { output: { workers: readonly { id: string }[]; nextCursor?: string } } =
				await listWorkers.run({ limit, cursor }, call as never, { health: { check } } as never);
			cursor = output.nextCursor;
			shown.push(...output.workers.map(({ id }) => id));
			expect(Buffer.from(cursor ?? '', 'base64url').toString()).not.toContain(SECRET);
		} while (cursor !== undefined && shown.length <= NAMES.length);
		expect(shown).toEqual([...NAMES].sort());
	},
);

it('refuses a cursor that no list has given, or another one', async () => {
	const cursor = (await pagesOf({ limit: 1 }))[0]!.cursor!;
	const asked: ReadonlyArray<[string, object]> = [
		['list_policies', { cursor: 'zzzz' }],
		['list_policies', { cursor: '' }],
		['list_policies', { cursor: `${cursor}=` }],
		['list_policies', { cursor, onlyTroubled: true }],
		['list_workers', { cursor }],
		['audit_schedules', { cursor }],
		['find_lost_executions', { cursor }],
		['list_recoveries', { cursor }],
	];
	for (const [tool, given] of asked)
		expect((await client.call(tool, given as Record<string, unknown>)).text).toMatch(
			/^INVALID_OPTION: "cursor" is ".*": not the nextCursor of a page of this list\. Give /,
		);
});

it('says that there are no more policies, where all were on pages before', async () => {
	const last = Buffer.from('policies:circuit-breaker:zzz').toString('base64url');
	expect((await client.call('list_policies', { cursor: last })).text).toBe(
		'There are no more policies.',
	);
});
