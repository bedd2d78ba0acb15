import { parseOptions } from '../../../core/options';
import { runOnceOptions } from '../../../core/policies/run-once';
import type { Run, RunAnswer } from '../../../core/ports';
import { beginRequest, type RunOncePolicy } from '../../../core/run-once';
import { FaultProxy } from '../../support/fault-proxy';
import { noteFigure } from '../../support/note-figure';
import { openStore, standalone } from '../../support/open-store';
import { useStoreWorkers } from '../../support/store-workers';
import { until } from '../../support/until';

const shared = useStoreWorkers();
const { startWorker } = shared;

let names = 0;
const newPolicy = (options = {}): RunOncePolicy => ({
	name: `orders ${names++}`,
	options: parseOptions(runOnceOptions, options),
});

function runOf(answer: RunAnswer): Run {
	if (answer.status !== 'started') throw new Error(`It was ${answer.status}`);
	return answer.run;
}

const doneBy = (who: string) => ({ state: 'done', resultJson: JSON.stringify(who) }) as const;

/** Asks until another's lease is over. */
async function takenOver(policy: RunOncePolicy, leaseMs: number): Promise<RunAnswer> {
	const request = beginRequest(policy, 'key', shared.own.newId(), leaseMs);
	let answer = await shared.own.runs.begin(request);
	await until(async () => {
		if (answer.status === 'running') answer = await shared.own.runs.begin(request);
		return answer.status !== 'running';
	});
	return answer;
}

it('has work done by one of four workers that all want to, and gives the others its result', async () => {
	const policy = newPolicy();
	const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
	const all = await Promise.all([startWorker(), startWorker(), startWorker(), startWorker()]);
	const seen = await Promise.all(all.map((worker) => worker.ask('runAll', policy, keys, 10_000)));
	expect(seen.flatMap(({ done }) => done).sort()).toEqual([...keys].sort());
	for (const [index, key] of keys.entries()) {
		const outcomes = seen.map(({ outcomes }) => outcomes[index]!);
		expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
		const results = new Set(outcomes.map((outcome) => (outcome as { value: unknown }).value));
		expect([...results]).toEqual([expect.stringContaining(`${key} by `)]);
	}
});

it('lets another take over when a worker was killed, and not before its lease is over', async () => {
	const LEASE_MS = 1_500;
	const policy = newPolicy();
	const worker = await startWorker();
	const first = runOf(await worker.ask('beginRun', policy, 'key', LEASE_MS));
	// It renews its lease for as long as it lives.
	await new Promise((resolve) => setTimeout(resolve, LEASE_MS * 1.5));
	const state = await shared.own.runs.inspect({ name: policy.name, key: 'key' });
	expect(state).toMatchObject({ state: 'running', token: first.token });
	await worker.signal('SIGKILL');
	const killedAt = Date.now();
	const left = await shared.own.runs.inspect({ name: policy.name, key: 'key' });
	const second = await takenOver(policy, LEASE_MS);
	const tookMs = Date.now() - killedAt;
	noteFigure(`killed: taken over with a lease of ${LEASE_MS} ms`, tookMs, 'ms');
	expect(second).toMatchObject({ status: 'started', isTakenOver: true });
	expect(runOf(second).token).toBeGreaterThan(first.token);
	expect(tookMs).toBeGreaterThanOrEqual(-left!.ageMs - 1);
	expect(tookMs).toBeLessThan(LEASE_MS + 1_000);
});

it('refuses the end of a worker that stood still for longer than its lease', async () => {
	const LEASE_MS = 300;
	const policy = newPolicy();
	const worker = await startWorker();
	const late = runOf(await worker.ask('beginRun', policy, 'key', LEASE_MS));
	await worker.signal('SIGSTOP');
	const owner = runOf(await takenOver(policy, LEASE_MS));
	await worker.signal('SIGCONT');
	expect(await worker.ask('endRun', late, doneBy('late'))).toBe('taken-over');
	expect(await shared.own.runs.extend(owner, LEASE_MS)).toBe('held');
	expect(await shared.own.runs.end(owner, doneBy('owner'))).toBe('noted');
	expect(await worker.ask('endRun', late, doneBy('late'))).toBe('taken-over');
	expect(await worker.ask('beginRun', policy, 'key', LEASE_MS)).toMatchObject({
		status: 'ended',
		end: doneBy('owner'),
	});
});

it('notes the end of a worker that stood still while nobody else wanted to', async () => {
	const LEASE_MS = 200;
	const policy = newPolicy();
	const worker = await startWorker();
	const late = runOf(await worker.ask('beginRun', policy, 'key', LEASE_MS));
	await worker.signal('SIGSTOP');
	const address = { name: policy.name, key: 'key' };
	await until(async () => (await shared.own.runs.inspect(address))?.state === 'lapsed');
	await worker.signal('SIGCONT');
	expect(await worker.ask('endRun', late, doneBy('late'))).toBe('noted');
});

it('wakes who waits in another process as soon as the work is done', async () => {
	const policy = newPolicy();
	const worker = await startWorker();
	const run = runOf(await worker.ask('beginRun', policy, 'key', 30_000));
	const request = beginRequest(policy, 'key', shared.own.newId(), 30_000);
	expect(await shared.own.runs.begin(request)).toMatchObject({ status: 'running' });
	let isAwake = false;
	// By itself it would ask again only when the test's time is over.
	const turn = shared.own.runs.awaitEnd(request, 60_000).then(() => (isAwake = true));
	expect(isAwake).toBe(false);
	await worker.ask('endRun', run, doneBy('worker'));
	await turn;
	expect(await shared.own.runs.begin(request)).toMatchObject({
		status: 'ended',
		end: doneBy('worker'),
	});
}, 30_000);

it('begins and ends once although answers are lost after the script ran', async () => {
	const proxy = await FaultProxy.start(shared.server.port);
	const far = openStore(standalone(proxy.port));
	await far.connection.ready();
	const loseOneAnswer = () => {
		proxy.addToxic({ type: 'timeout', stream: 'downstream', attributes: { timeout: 5 } });
		setTimeout(() => proxy.removeToxic('timeout_downstream'), 5);
	};
	try {
		const request = beginRequest(newPolicy(), 'key', far.newId(), 30_000);
		loseOneAnswer();
		const answer = await far.runs.begin(request);
		expect(answer).toMatchObject({ status: 'started', isTakenOver: false });
		loseOneAnswer();
		expect(await far.runs.end(runOf(answer), doneBy('me'))).toBe('noted');
		expect(await far.runs.begin(request)).toMatchObject({ status: 'ended', end: doneBy('me') });
	} finally {
		far.close();
		await proxy.stop();
	}
});
