import type { ChangePlan, PlanStore } from '../../core/ports';
import { explain, isReply } from './connection/explain';
import type { StateKeys } from './state-keys';

/** The part of an ioredis client that plans need. All keys of a plan lie on one node. */
interface PlanConnection {
	readonly client: {
		set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
		mget(...keys: string[]): Promise<Array<string | null>>;
		renamenx(from: string, to: string): Promise<number>;
	};
	ready(): Promise<void>;
}

/**
 * Plans in Redis, for replicas on several machines. Where a failover loses that a plan was used, only the state that it
 * is bound to keeps it from being applied again.
 */
export class RedisPlanStore implements PlanStore {
	constructor(
		private readonly connection: PlanConnection,
		private readonly keys: StateKeys,
	) {}

	async save(plan: ChangePlan, keptMs: number): Promise<void> {
		const [unused] = this.keys.ofPlan(plan.id);
		await this.ask(({ client }) => client.set(unused, JSON.stringify(plan), 'PX', keptMs));
	}

	async find(id: string) {
		const places = this.keys.ofPlan(id);
		const [unused = null, used = null] = await this.ask(({ client }) => client.mget(...places));
		const text = unused ?? used;
		if (text === null) return undefined;
		return { plan: JSON.parse(text) as ChangePlan, isUsed: unused === null };
	}

	async use(id: string): Promise<boolean> {
		const [unused, used] = this.keys.ofPlan(id);
		try {
			// The first takes the key away, and its time to live goes with it.
			return (await this.ask(({ client }) => client.renamenx(unused, used))) === 1;
		} catch (error) {
			if (isGone(error)) return false;
			throw error;
		}
	}

	/** Not again where an answer was lost: who asks twice whether a plan is his is told that somebody has it. */
	private async ask<T>(command: (connection: PlanConnection) => Promise<T>): Promise<T> {
		await this.connection.ready();
		try {
			return await command(this.connection);
		} catch (error) {
			if (isGone(error)) throw error;
			throw explain(error);
		}
	}
}

const isGone = (error: unknown): boolean => isReply(error) && error.message === 'ERR no such key';
