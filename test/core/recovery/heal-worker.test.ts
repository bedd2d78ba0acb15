import type { StackObservation, WorkerVerdict } from '../../../core/health';
import { healWorker } from '../../../core/recovery';
import type { StackSources } from '../../../core/stack';
import { FakeClock } from '../../support/fake-clock';

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
