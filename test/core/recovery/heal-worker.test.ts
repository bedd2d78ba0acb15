import type { StackMonitor, StackObservation, WorkerVerdict } from '../../../core/health';
import { healWorker } from '../../../core/recovery';
import type { StackSources } from '../../../core/stack';
import { FakeClock } from '../../support/fake-clock';
import { LostWorld } from '../../support/lost-world';

const zombie = (says: string) =>
	({
		...{ id: 'one', hostId: 'host', state: 'zombie', process: 'lives' },
		evidence: [{ source: 'redis', says }],
		connections: { clients: [], knownBy: 'address' },
	}) as unknown as WorkerVerdict;

it('plans the same at the next look, which tells the same with other figures', async () => {
	const clock = new FakeClock();
	let looks = 0;
	const observe = async () =>
		await Promise.resolve({
			workers: [zombie(`it last asked at ${looks++}`)],
		} as unknown as StackObservation);
	const sources = { queueMode: {} } as unknown as StackSources;
	const kind = healWorker({ sources, clock, monitor: { observe } });
	const { signal } = new AbortController();
	const [first, second] = [
		await kind.foresee({ worker: 'one' }, signal),
		await kind.foresee({ worker: 'one' }, signal),
	];
	expect(first.summary).toContain('it last asked at 0');
	expect([second.steps, second.state]).toEqual([first.steps, first.state]);
	expect(first.steps).toMatchObject([{ action: 'close all connections' }]);
});

it('says that only a restart will do for one that has no connection any more, whatever others it has', async () => {
	const { sources, clock } = new LostWorld(1);
	const workers = [{ ...zombie('none of its connections takes jobs'), isCutOff: true }];
	const monitor = { observe: () => Promise.resolve({ workers }) } as unknown as StackMonitor;
	const { foresee } = healWorker({ sources, clock, monitor });
	expect(await foresee({ worker: 'one' }, new AbortController().signal)).toMatchObject({
		summary: expect.stringContaining('is zombie, and only a restart will do'),
		steps: [{ action: 'leave', reason: expect.stringContaining('lost its connections') }],
	});
});

it('tells a worker that nobody knows from a name that several have', async () => {
	const { sources, clock } = new LostWorld(1);
	const workers = ['a', 'b', 'c'].map((id) => ({
		...{ id, hostId: id === 'c' ? 'alone' : 'shared', state: 'idle', evidence: [] },
	})) as unknown as WorkerVerdict[];
	let look: object = { instances: { isKnown: true }, clients: { isKnown: true } };
	const monitor = { observe: () => Promise.resolve({ workers, look }) } as unknown as StackMonitor;
	const kind = healWorker({ sources, clock, monitor });
	const { signal } = new AbortController();
	await expect(kind.foresee({ worker: 'x' }, signal)).rejects.toMatchObject({
		...{ code: 'WORKER_UNKNOWN', message: 'No worker is known as "x"' },
		remedy: 'Give one of: a, b, c',
	});
	await expect(kind.foresee({ worker: 'shared' }, signal)).rejects.toMatchObject({
		...{ code: 'WORKER_AMBIGUOUS', message: '2 workers have the host id "shared"' },
		remedy: 'Give the id of one: a, b',
	});
	look = {
		instances: { isKnown: false, source: 'instance registry', why: 'no answer', remedy: '' },
	};
	await expect(kind.foresee({ worker: 'x' }, signal)).rejects.toMatchObject({
		...{ code: 'SOURCE_UNAVAILABLE', message: 'no answer' },
	});
	for (const worker of ['a', 'alone'])
		expect((await kind.foresee({ worker }, signal)).summary).toContain('is idle');
});
