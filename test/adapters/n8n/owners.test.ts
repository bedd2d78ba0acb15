import { KnownClientOwners, LocalWorkers, matchProcesses } from '../../../adapters/n8n/owners';
import type { RedisClient, WorkerStatus } from '../../../core/ports/stack';
import { standalone } from '../../support/open-store';
import { openQueueMode } from '../../support/queue-mode';
import { startRedis } from '../../support/redis-server';
import { startStandInWorker } from '../../support/stand-in-worker';
import { until } from '../../support/until';

const status = (hostname: string, ...addresses: string[]) =>
	({ hostId: 'worker-vm', hostname, addresses }) as unknown as WorkerStatus;

let ids = 0;
const client = (address: string, more: Partial<RedisClient> = {}) =>
	({ id: `${ids++}`, server: 's', name: '', subscriptions: 0, address, ...more }) as RedisClient;

const takingFrom = (prefix: string) => ({ name: `${prefix}:am9icw==` });
const taking = takingFrom('bull');
const listening = { subscriptions: 1 };

/** What a worker of n8n keeps open, as Redis sees it. */
const workersAt = (host: string, takes: Partial<RedisClient> = taking) =>
	[takes, listening, listening, {}].map((more, index) => client(`${host}:${1_000 + index}`, more));

describe('connections are known by their address', () => {
	const owners = new KnownClientOwners(new LocalWorkers());

	it('where one worker has it, and no more come from there than one process has', async () => {
		const [one, two] = [status('a', '10.0.0.1'), status('b', 'fd00::2')];
		const [first, second] = [workersAt('10.0.0.1'), workersAt('[fd00::2]')];
		// Of steps in the worker, which are closed with the others.
		first.push(client('10.0.0.1:9', { name: 'bulwark', ...listening }));
		expect(await owners.ownersOf([...first, ...second], [one, two])).toEqual([
			{ worker: one, clients: first, knownBy: 'address' },
			{ worker: two, clients: second, knownBy: 'address' },
		]);
	});

	it.each(['prod', '{bull}', 'a:b'])('whatever the prefix of the queue: %s', async (prefix) => {
		const [one, two] = [status('a', '10.0.0.1'), status('b', '10.0.0.2')];
		const [first, second] = ['10.0.0.1', '10.0.0.2'].map((host) =>
			workersAt(host, takingFrom(prefix)),
		);
		expect(await owners.ownersOf([...first!, ...second!], [one, two])).toEqual([
			{ worker: one, clients: first, knownBy: 'address' },
			{ worker: two, clients: second, knownBy: 'address' },
		]);
	});

	it.each([
		['two workers', workersAt('10.0.0.1')],
		[
			'a worker of another n8n that has just been started',
			[client('10.0.0.1:7', { isOfAnotherN8n: true })],
		],
		['a main process', [client('10.0.0.1:7', listening), client('10.0.0.1:8', listening)]],
	])('unless %s might be there', async (_, others) => {
		const clients = [...workersAt('10.0.0.1'), ...others];
		expect(await owners.ownersOf(clients, [status('a', '10.0.0.1')])).toEqual([]);
	});

	it('without a name where none or several say that it is theirs, but by who is left', async () => {
		const [one, two, three] = [status('a', '10.0.0.1'), status('b'), status('c')];
		const clients = [...workersAt('10.0.0.1'), ...workersAt('172.17.0.1')];
		const ownersOf = async (...workers: WorkerStatus[]) =>
			(await owners.ownersOf(clients, workers)).map(({ worker }) => worker);
		expect(await ownersOf(one, two)).toEqual([one, two]);
		expect(await ownersOf(one, two, three)).toEqual([one, undefined]);
	});
});

describe('an answer is of a process', () => {
	const answered = (name: string, ...candidates: Array<[id: number, hasSameMemory: boolean]>) => ({
		status: status(name),
		candidates: candidates.map(([processId, hasSameMemory]) => ({ processId, hasSameMemory })),
	});
	const matched = (...answers: ReturnType<typeof answered>[]) =>
		matchProcesses(answers).map(({ processId }) => processId);

	it('that alone can have sent it', () => {
		expect(matched(answered('a', [1, false]), answered('b'))).toEqual([1, undefined]);
		expect(
			matched(answered('a', [1, true], [2, false]), answered('b', [1, false], [2, false])),
		).toEqual([1, 2]);
	});

	it('that is not known where two can', () => {
		expect(matched(answered('a', [1, false], [2, false]))).toEqual([undefined]);
		expect(matched(answered('a', [1, true], [2, true]))).toEqual([undefined]);
		expect(matched(answered('a', [1, true]), answered('b', [1, true]))).toEqual([
			undefined,
			undefined,
		]);
		expect(matched(answered('a', [1, false]), answered('b', [1, false]))).toEqual([
			undefined,
			undefined,
		]);
	});
});

it('workers beside us are told apart by the kernel, though they were started together', async () => {
	const server = await startRedis();
	const mode = openQueueMode(standalone(server.port));
	const processes = [1, 2].map(() => startStandInWorker(server.port));
	const another = startStandInWorker(server.port, 'other');
	try {
		const look = async () => {
			const statuses = await mode.workers.askStatus(300, undefined, undefined);
			return await mode.redis.clients().then((all) => mode.owners.ownersOf(all, statuses));
		};
		const pids = processes.map(({ pid }) => pid).sort();
		await until(async () => {
			const known = (await look()).filter(({ worker }) => worker !== undefined);
			return known.length === 2;
		});
		await until(async () =>
			(await mode.redis.clients()).some(({ isOfAnotherN8n }) => isOfAnotherN8n === true),
		);
		const groups = await look();
		expect(groups.map(({ processId }) => processId!).sort()).toEqual(pids);
		for (const { clients, knownBy, worker, processId } of groups) {
			expect([clients.length, knownBy]).toEqual([3, 'process']);
			if (worker) expect(worker.processId).toBe(processId);
		}
		const closed = await mode.redis.closeClients(groups[0]!.clients);
		expect(closed).toBe(3);
	} finally {
		await Promise.all([...processes, another].map((worker) => worker.stop()));
		await mode.close();
		await server.stop();
	}
});

it('a process beside us that nobody answers for is that of the worker which is left, unless that is known to be another', async () => {
	const server = await startRedis();
	const mode = openQueueMode(standalone(server.port));
	const process = startStandInWorker(server.port);
	const ownerOf = async (worker: WorkerStatus) => {
		const [group] = await mode.owners.ownersOf(await mode.redis.clients(), [worker]);
		return group && { isIts: group.worker === worker, processId: group.processId };
	};
	try {
		const { pid } = process;
		await until(async () => (await mode.redis.clients()).filter(({ name }) => name).length > 0);
		await until(async () => (await ownerOf(status('a'))) !== undefined);
		expect(await ownerOf(status('a'))).toEqual({ isIts: true, processId: pid });
		const ended = { ...status('a'), processId: pid + 1 };
		expect(await ownerOf(ended)).toEqual({ isIts: false, processId: pid });
	} finally {
		await process.stop();
		await mode.close();
		await server.stop();
	}
});
