import type { InstanceEntry } from '../../../core/ports/stack';
import { WorkerCensus } from '../../../core/recovery/worker-census';

const entry = (instanceKey: string, lastSeenAt: number) =>
	({ type: 'worker', instanceKey, lastSeenAt }) as InstanceEntry;

it('counts those whose entry has run out, and not those that took themselves off', () => {
	const census = new WorkerCensus();
	const counts: number[] = [];
	for (let at = 0; at <= 120_000; at += 5_000) {
		const stays = entry('stays', at - (at % 30_000));
		const stops = at < 40_000 ? [entry('stops', at - (at % 30_000))] : [];
		const dies = at < 60_000 ? [entry('dies', 0)] : [];
		counts.push(census.note(at, [stays, ...stops, ...dies]));
	}
	expect(counts.slice(0, 12)).toEqual(Array(12).fill(0));
	expect(counts.slice(12)).toEqual(Array(13).fill(1));
	expect(census.note(125_000, [entry('stays', 125_000), entry('dies', 124_000)])).toBe(0);
	expect(census.note(200_000, [entry('stays', 200_000)])).toBe(1);
	// Who was still there then has gone without a word since.
	expect(census.note(200_001 + 24 * 3_600_000, [])).toBe(1);
});
