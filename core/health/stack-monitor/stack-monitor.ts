import type { Clock } from '../../ports';
import type { WorkerStatus } from '../../ports/stack';
import { modeOf, valueOf, type StackSources } from '../../stack';
import { outlookOf, QueueHistory, type QueueOutlook } from '../queue-outlook';
import { WorkerCensus } from '../worker-census';
import { WorkerVerdicts, type WorkerVerdict } from '../worker-verdict';
import { ProcessLoads, type ProcessLoad } from './process-loads';
import { RedisServers, type ReplacedRedis } from './redis-servers';
import { queueTime, stackClocks, type StackClocks } from './stack-clocks';
import { lookAt, type StackLook } from './stack-look';

/** A look, and what it says together with those before. */
export interface StackObservation {
	readonly look: StackLook;
	readonly workers: readonly WorkerVerdict[];
	/** One a pool; none where the queue is not known. */
	readonly queues: readonly QueueOutlook[];
	/** Of processes whose metrics were read at two looks. */
	readonly loads: readonly ProcessLoad[];
	readonly clocks: StackClocks;
	/** Of the queue's servers, within the last minutes. */
	readonly replacedRedis: readonly ReplacedRedis[];
}

/** Who asks sooner is given what was seen before. */
const FRESH_MS = 1_000;

/** The same of what changes slowly, or takes much to ask. */
const SLOW_FRESH_MS = 10_000;

/** Looks at the stack again and again, and remembers what two looks tell and one does not. */
export class StackMonitor {
	private readonly verdicts = new WorkerVerdicts();
	private readonly queues = new QueueHistory();
	private readonly loads = new ProcessLoads();
	private readonly redisServers = new RedisServers();
	private last: StackObservation | undefined;
	private slowAt = -Infinity;
	private looking: Promise<StackObservation> | undefined;

	constructor(
		private readonly sources: StackSources,
		private readonly clock: Clock,
		/** Best the one that all who look at these workers share. */
		private readonly census = new WorkerCensus(),
	) {}

	/** What was seen last; undefined before the first look. */
	get latest(): StackObservation | undefined {
		return this.last;
	}

	/** Looks, unless it has within the last second. Those who ask at the same time share a look. */
	async observe(): Promise<StackObservation> {
		const { last } = this;
		if (last && Math.abs(this.clock.now() - last.look.at) < FRESH_MS) return last;
		this.looking ??= this.look().finally(() => (this.looking = undefined));
		return await this.looking;
	}

	/** The time by the clock of n8n's main process, and no later than that: ms since the epoch. */
	async mainTime(): Promise<number> {
		const { clocks } = this.last ?? (await this.observe());
		return this.clock.now() + clocks.n8n.main.least;
	}

	private async look(): Promise<StackObservation> {
		const at = this.clock.now();
		const isSlowDue = Math.abs(at - this.slowAt) >= SLOW_FRESH_MS;
		const slow = isSlowDue ? undefined : this.last?.look;
		const look = await lookAt(this.sources, at, this.lastAnswers(), slow && slowOf(slow));
		if (!slow) this.slowAt = at;
		const workers = this.verdicts.observe(look);
		this.census.note({
			at,
			instances: valueOf(look.instances),
			answers: valueOf(look.statuses),
			clients: valueOf(look.clients),
			processes: valueOf(look.processes),
		});
		if (look.counts.isKnown) this.queues.note(at, look.counts.value);
		const instances = look.instances.isKnown ? this.census.clocks.steady(look.instances.value) : [];
		const clocks = stackClocks(look, instances, modeOf(this.sources));
		const executions = valueOf(look.rates);
		const processes = valueOf(look.processes) ?? [];
		this.last = {
			look,
			workers,
			queues: (valueOf(look.counts) ?? []).map((counts) =>
				outlookOf(queueTime(at, clocks), counts, this.queues.ratesOf(counts.pool), executions),
			),
			loads: this.loads.note(at, processes),
			replacedRedis: this.redisServers.note(at, valueOf(look.redis) ?? [], processes),
			clocks,
		};
		return this.last;
	}

	/** Of workers that may not answer this time: their connections are found by what they answered last. */
	private lastAnswers(): readonly WorkerStatus[] {
		return (this.last?.workers ?? []).flatMap(({ lastAnswer }) => lastAnswer ?? []);
	}
}

const slowOf = ({ redis, rates, database }: StackLook) => ({ redis, rates, database });
