import {
	CHECK_PATH,
	CHECK_TAG,
	runSyntheticCheck,
	type SyntheticCheckRequest,
} from '../../../../core/health/synthetic-check';
import type { ExecutionRow, N8nApi, QueuedJob, WorkflowRecord } from '../../../../core/ports/stack';
import { SourceUnavailableError, type StackSources } from '../../../../core/stack';
import { FakeClock } from '../../../support/fake-clock';

const webhook = (parameters: object = {}) => ({
	...{ id: 'n', name: 'Webhook', type: 'n8n-nodes-base.webhook', isDisabled: false },
	parameters: { path: CHECK_PATH, httpMethod: 'POST', ...parameters },
});

const workflow = (changed: Partial<WorkflowRecord> = {}): WorkflowRecord => ({
	...{ id: 'w', name: 'Check', isActive: true, tags: [], settings: {}, updatedAt: 0 },
	nodes: [webhook()],
	...changed,
});

type Answer = Awaited<ReturnType<N8nApi['callWebhook']>>;
type Happening = (stack: FakeStack) => void;

/** A stack to which things happen some ms after a call. */
class FakeStack {
	readonly clock = new FakeClock();
	readonly calledAt = this.clock.now();
	readonly rows: Array<{ -readonly [Key in keyof ExecutionRow]: ExecutionRow[Key] }> = [];
	jobs: QueuedJob[] = [];
	workflows = [workflow()];
	runs: string[] = [];
	isDatabaseDown = false;
	private answer!: (answer: Answer) => void;
	private refuse!: (error: Error) => void;

	constructor(private readonly happenings: Readonly<Record<number, Happening>>) {}

	get now(): number {
		return this.clock.now();
	}

	/** What is there, as it is asked for. */
	readonly sources = (): StackSources => {
		const asked = <T>(value: () => T): Promise<T> =>
			this.isDatabaseDown
				? Promise.reject(new SourceUnavailableError('database', 'It is gone', 'Start it'))
				: Promise.resolve(value());
		const all = {
			api: {
				callWebhook: async ({ timeoutMs, signal }: Parameters<N8nApi['callWebhook']>[0]) =>
					await new Promise<Answer>((resolve, reject) => {
						[this.answer, this.refuse] = [resolve, reject];
						signal?.addEventListener('abort', () => reject(new Error('aborted')));
						this.clock.schedule(() => reject(new Error('overdue')), timeoutMs);
						for (const [afterMs, happen] of Object.entries(this.happenings))
							this.clock.schedule(() => happen(this), Number(afterMs));
					}),
			},
			database: {
				workflows: {
					find: (ids: string[]) => asked(() => this.workflows.filter(({ id }) => ids.includes(id))),
					active: () => asked(() => this.workflows.filter(({ isActive }) => isActive)),
				},
				executions: {
					newestId: () => asked(() => '10'),
					calledAfter: () => asked(() => this.rows.map((row) => ({ ...row }))),
					find: (ids: string[]) =>
						asked(() => this.rows.filter(({ id }) => ids.includes(id)).map((row) => ({ ...row }))),
				},
			},
			queueMode: {
				queue: { jobs: () => Promise.resolve({ jobs: this.jobs, isWhole: true }) },
				workers: {
					askStatus: () =>
						Promise.resolve([
							{ hostId: 'worker-1', running: this.runs.map((executionId) => ({ executionId })) },
						]),
				},
			},
		};
		return all as unknown as StackSources;
	};

	row(id = '11'): void {
		this.rows.push({ id, workflowId: 'w', status: 'new', mode: 'webhook', createdAt: this.now });
	}

	enqueue(): void {
		this.jobs = [
			{
				...{ id: '1', pool: '', state: 'waiting', executionId: '11', workflowId: 'w' },
				...{ priority: 100, addedAt: this.now },
			},
		];
	}

	take(): void {
		this.jobs = [{ ...this.jobs[0]!, state: 'active', takenAt: this.now }];
		this.runs = ['11'];
		Object.assign(this.rows[0]!, { status: 'running', startedAt: this.now });
	}

	end(status: ExecutionRow['status']): void {
		[this.jobs, this.runs] = [[], []];
		Object.assign(this.rows[0]!, { status, stoppedAt: this.now });
	}

	reply(status: number, body: object = { nonce: 'nonce', executionId: '11' }): void {
		this.answer({
			url: 'http://n8n/hooks/check',
			status,
			durationMs: 0,
			body: JSON.stringify(body),
		});
	}

	fail(error: Error): void {
		this.refuse(error);
	}

	async check(
		request: Partial<SyntheticCheckRequest> = {},
		sources: Partial<StackSources> = {},
	): ReturnType<typeof this.start> {
		const running = this.start(request, sources);
		running.catch(() => undefined);
		await this.clock.run(60_000);
		return await running;
	}

	private async start(request: Partial<SyntheticCheckRequest>, sources: Partial<StackSources>) {
		const seen: string[] = [];
		const report = await runSyntheticCheck(
			{ sources: { ...this.sources(), ...sources }, clock: this.clock, newId: () => 'nonce' },
			{ timeoutMs: 10_000, ...request },
			({ name }) => seen.push(name),
		);
		const after = report.hops.map(({ name, at }) => [name, at - this.calledAt]);
		return { ...report, seen, after: Object.fromEntries(after) as Record<string, number> };
	}
}

/** As it goes when all is well. */
const well: Readonly<Record<number, Happening>> = {
	10: (stack) => stack.row(),
	20: (stack) => stack.enqueue(),
	200: (stack) => stack.take(),
	1_200: (stack) => stack.end('success'),
	1_210: (stack) => stack.reply(200),
};

it('times each hop, and says who ran it', async () => {
	const { seen, after, ...report } = await new FakeStack(well).check();
	expect(report).toMatchObject({
		...{ verdict: 'passed', workflow: { id: 'w', name: 'Check' }, executionId: '11' },
		...{ worker: { hostId: 'worker-1' }, unseen: [] },
	});
	expect(after).toEqual({
		...{ called: 0, 'row created': 10, enqueued: 20, taken: 200, started: 200 },
		...{ finished: 1_200, answered: 1_210 },
	});
	expect(seen).toEqual(Object.keys(after));
});

it('says what it could not see, and why', async () => {
	const quick = { 5: (stack: FakeStack) => (stack.row(), stack.end('success'), stack.reply(200)) };
	const { verdict, unseen } = await new FakeStack(quick).check();
	expect(verdict).toBe('passed');
	expect(unseen).toContainEqual({
		name: 'enqueued',
		because: 'it had ended before its job could be looked at',
	});

	const regular = await new FakeStack(well).check({}, { queueMode: undefined });
	expect(regular.unseen.map(({ name }) => name)).toEqual(['enqueued', 'taken']);
	expect(regular.unseen[0]!.because).toMatch(/regular mode/);

	const blind = await new FakeStack(well).check({}, { database: undefined });
	expect(blind).toMatchObject({ verdict: 'passed', executionId: '11' });
	expect(Object.keys(blind.after)).toEqual(['called', 'answered']);
	expect(blind.unseen[0]).toEqual({ name: 'row created', because: 'database: not configured' });
});

it('does not take the execution of another call for its own', async () => {
	const two = { ...well, 12: (stack: FakeStack) => stack.row('12') };
	const prebuilt = await new FakeStack(two).check();
	expect(prebuilt).toMatchObject({ verdict: 'passed', executionId: '11' });
	const other = new FakeStack(two);
	other.workflows = [workflow({ tags: [CHECK_TAG], nodes: [webhook({ path: 'mine' })] })];
	const report = await other.check({ workflowId: 'w' });
	expect(report.verdict).toBe('passed');
	expect(report.executionId).toBeUndefined();
	expect(report.unseen[0]!.because).toMatch(/by others at the same time/);
});

it.each<[string, Readonly<Record<number, Happening>>, string, RegExp]>([
	[
		'nobody takes',
		{ 10: well[10]!, 20: well[20]! },
		'timed out',
		/no worker began execution 11, which waits/,
	],
	[
		'does not end',
		{ ...well, 1_200: () => undefined, 1_210: () => undefined },
		'timed out',
		/11 did not end: it is running/,
	],
	['nobody answers', { ...well, 1_210: () => undefined }, 'timed out', /nobody answered, though/],
	['fails', { ...well, 1_200: (stack) => stack.end('error') }, 'failed', /11 ended as error/],
	[
		'n8n does not know',
		{ 10: (stack) => stack.reply(404) },
		'failed',
		/no webhook "bulwark\/synthetic-check" at http:\/\/n8n\/hooks\/check \(404\)/,
	],
	[
		'answers with an error',
		{ ...well, 1_210: (stack) => stack.reply(500) },
		'failed',
		/answered 500/,
	],
	[
		'is another one',
		{ ...well, 1_210: (stack) => stack.reply(200, {}) },
		'failed',
		/does not send back/,
	],
	[
		'cannot be reached',
		{ 10: (stack) => stack.fail(new Error('ECONNREFUSED')) },
		'failed',
		/ECONNREFUSED/,
	],
	['gives no sign', {}, 'timed out', /neither an answer nor an execution/],
])('says what is wrong with one that %s', async (_, happenings, verdict, problem) => {
	const report = await new FakeStack(happenings).check();
	expect(report.verdict).toBe(verdict);
	expect(report.problem!.says).toMatch(problem);
	expect(report.problem!.remedy).not.toBe('');
	if (verdict === 'timed out') expect(report.problem!.says).toContain('"timeoutSeconds" is 10');
});

it.each<[string, WorkflowRecord[], string | undefined, RegExp]>([
	['is not there', [], 'x', /"workflowId" is "x": no workflow has this id/],
	['is not published', [workflow({ isActive: false })], 'w', /it is not published/],
	[
		'is not chosen for checks',
		[workflow({ name: 'Pay', tags: ['pay'], nodes: [webhook({ path: 'pay' })] })],
		'w',
		/"workflowId" is "w": workflow "Pay" is not chosen .* tag "bulwark:synthetic-check"/,
	],
	['has no webhook', [workflow({ tags: [CHECK_TAG], nodes: [] })], 'w', /no Webhook node/],
	[
		'has a path that varies',
		[workflow({ tags: [CHECK_TAG], nodes: [webhook({ path: ':id' })] })],
		'w',
		/a parameter/,
	],
	[
		'asks for a credential',
		[workflow({ nodes: [webhook({ authentication: 'basicAuth' })] })],
		'w',
		/credential/,
	],
	[
		'takes PUT',
		[workflow({ nodes: [webhook({ httpMethod: 'PUT' })] })],
		'w',
		/neither POST nor GET/,
	],
	['is the prebuilt one, not imported', [], undefined, /no published workflow has a webhook at/],
])('runs nothing where the workflow %s', async (_, workflows, workflowId, problem) => {
	let calls = 0;
	const stack = new FakeStack({ 0: () => calls++ });
	stack.workflows = workflows;
	await expect(stack.check({ workflowId })).rejects.toMatchObject({
		...{ code: 'INVALID_OPTION', message: expect.stringMatching(problem) as string },
		remedy: expect.stringMatching(/./) as string,
	});
	expect(calls).toBe(0);
});

it('goes on while the database is gone, and ends at once when it is cancelled', async () => {
	const down = new FakeStack({ ...well, 30: (stack) => (stack.isDatabaseDown = true) });
	const report = await down.check();
	expect(report).toMatchObject({ verdict: 'passed', executionId: '11' });
	expect(report.unseen).toContainEqual({ name: 'finished', because: 'database: It is gone' });

	const cancelled = new AbortController();
	const stack = new FakeStack({ 100: () => cancelled.abort() });
	await expect(stack.check({ signal: cancelled.signal })).rejects.toMatchObject({
		code: 'CANCELLED',
	});
});
