import { isoTime } from '../iso-time';
import { hidingGap, type ConfirmedLoss, type ExecutionLedger } from '../recovery';
import type { Trouble } from './events-between';
import type { Sighting } from './look';
import type { Sights, Watch } from './watch';

/**
 * Sees executions be lost. What one look finds is told when the next one finds it still. What was lost before is so still
 * where it seems lost in another way, as when the queue, and then n8n, gives it up.
 */
export class ExecutionWatch implements Watch {
	readonly source = 'database';

	constructor(private readonly ledger: Pick<ExecutionLedger, 'glance'>) {}

	async look(troubles: readonly Trouble[], signal: AbortSignal): Promise<Sights> {
		const report = await this.ledger.glance(signal);
		const isWhole = hidingGap(report) === undefined;
		const unsure = new Set(report.unsure);
		const still = troubles.filter(({ kind, id }) => kind === 'execution' && unsure.has(id));
		return {
			sightings: [...report.lost.map(sightingOf), ...still.map(asItWas)],
			whole: isWhole ? ['execution'] : [],
		};
	}
}

const asItWas = ({ kind, id, title, condition }: Trouble): Sighting => ({
	...{ kind, id, title, condition },
	evidence: {},
});

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
