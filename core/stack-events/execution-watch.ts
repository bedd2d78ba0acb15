import { isoTime } from '../iso-time';
import type { ConfirmedLoss, ExecutionLedger } from '../recovery';
import { SourceUnavailableError } from '../stack';
import type { Trouble } from './events-between';
import type { Sighting } from './look';
import type { Sights, Watch } from './watch';

/** Sees executions be lost. What one look finds is told when the next one finds it still. */
export class ExecutionWatch implements Watch {
	readonly source = 'database';

	constructor(private readonly ledger: Pick<ExecutionLedger, 'glance'>) {}

	async look(_troubles: readonly Trouble[], signal: AbortSignal): Promise<Sights> {
		const { lost, gaps, lookedAt } = await this.ledger.glance(signal);
		const sightings = lost.map(sightingOf);
		// In regular mode something is never known, which makes nothing that is known less sure.
		const without = gaps.find(({ source }) => source === 'database' || source === 'queue');
		if (!without) return { sightings, whole: ['execution'] };
		if (lookedAt > 0) return { sightings, whole: [] };
		const { why, cannotKnow } = without;
		throw new SourceUnavailableError('database', why, `Until then it is not known ${cannotKnow}`);
	}
}

const sightingOf = ({
	row,
	loss,
	isSurelyDead,
	evidence,
	firstSeenAt,
}: ConfirmedLoss): Sighting => ({
	kind: 'execution',
	id: row.id,
	title: `execution ${row.id} of workflow ${row.workflowId}`,
	condition: 'lost',
	evidence: {
		executionId: row.id,
		workflowId: row.workflowId,
		...{ loss, isSurelyDead, status: row.status, mode: row.mode },
		firstSeenAt: isoTime(firstSeenAt),
		says: evidence.map(({ source, says }) => `${source}: ${says}`),
	},
});
