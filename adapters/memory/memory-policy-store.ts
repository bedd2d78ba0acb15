import type { Outcome } from '../../core/outcome';
import { overrideBreakerQuorum } from '../../core/policies/breaker-quorum';
import { enqueue, leaveQueue, nextInLine } from '../../core/policies/bulkhead';
import { overrideCircuitBreaker } from '../../core/policies/circuit-breaker';
import { currentTimeoutMs } from '../../core/policies/timeout';
import type {
	Admission,
	AdmitRequest,
	Clock,
	Guard,
	Holding,
	KeyPage,
	OverrideAction,
	Permit,
	PolicyAddress,
	PolicyDefinition,
	PolicyKeys,
	PolicySnapshot,
	PolicyStore,
	SlotHolder,
	StatePage,
} from '../../core/ports';
import { CellPools } from './cell-pools';
import { KeyMap } from './key-map';
import type { PolicyTable } from './policy-table';
import {
	createTable,
	plainTableName,
	tableName,
	type BreakerTable,
	type BulkheadTable,
	type QuorumTable,
	type TimeoutTable,
} from './tables';
import { WaitingRoom } from './waiting-room';

/** A place in a queue lapses when its owner has not asked again for this long. */
const TICKET_MS = 5_000;

/** Idle keys are looked for a few at a time: these, and two for each key that came in since the last look. */
const ADMISSIONS_PER_SWEEP = 32;
const KEYS_PER_SWEEP = 16;

/** Keys that people are shown at a time. */
const KEYS_PER_PAGE = 1_000;

const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** By the number of guards: permits that need no token share theirs, which makes a limiter some 5 % faster. */
const NO_TOKENS: ReadonlyArray<readonly number[]> = [0, 1, 2, 3, 4, 5, 6, 7].map(zeros);

/** A policy's states under its name. */
interface NamedTable {
	/** As it was last defined. */
	policy: PolicyDefinition;
	readonly table: PolicyTable;
	/** No longer in use: its last key became idle. Who still remembers it must look its name up again. */
	isRetired: boolean;
}

/** Remembers how it was settled, so that a second settlement changes nothing. */
interface MemoryPermit extends Permit {
	settled: Holding | undefined;
}

/**
 * Policy state in this process: the default, with nothing to install. It answers at once, keeps no timer per key,
 * and forgets keys that have become idle.
 */
export class MemoryPolicyStore implements PolicyStore, PolicyKeys {
	private readonly tables = new KeyMap<NamedTable>();
	private readonly pools = new CellPools();
	private readonly tableOf = new WeakMap<PolicyDefinition, NamedTable>();
	private latest: NamedTable | undefined;
	private swept: NamedTable | undefined;
	private readonly room: WaitingRoom;
	private admissions = 0;
	private newKeys = 0;

	constructor(private readonly clock: Clock) {
		this.room = new WaitingRoom(clock);
	}

	admit(request: AdmitRequest): Admission {
		const now = this.clock.now();
		if (this.isSweepDue()) this.sweep(now);

		const { guards } = request;
		let full: Guard | undefined;
		for (const guard of guards) {
			const retryAfterMs = this.table(guard.policy).judge(guard, request, now);
			if (retryAfterMs === 0) continue;
			if (guard.policy.kind === 'bulkhead') full ??= guard;
			else return this.reject(request, guard, retryAfterMs);
		}
		return full ? this.queue(request, full, now) : this.grant(request, now);
	}

	passToken(guard: Guard): number | undefined {
		if (guard.policy.kind !== 'circuit-breaker') return undefined;
		if (this.isSweepDue()) this.sweep(this.clock.now());
		return (this.table(guard.policy) as BreakerTable).passToken(guard);
	}

	settle(permit: Permit, outcome: Outcome): Holding {
		const { settled } = permit as MemoryPermit;
		if (settled !== undefined) return settled;
		const now = outcome.endedAt ?? this.clock.now();
		let held = true;
		for (let index = 0; index < permit.guards.length; index++) {
			const guard = permit.guards[index]!;
			const table = this.table(guard.policy);
			held = table.settle(guard, permit.id, permit.tokens[index]!, outcome, now) && held;
			if (guard.policy.kind === 'bulkhead') this.callNext(guard, now);
		}
		return ((permit as MemoryPermit).settled = held ? 'held' : 'lost');
	}

	refund(permit: Permit): void {
		if ((permit as MemoryPermit).settled) return;
		(permit as MemoryPermit).settled = 'lost';
		const now = this.clock.now();
		permit.guards.forEach((guard, index) => {
			const token = permit.tokens[index]!;
			this.table(guard.policy).refund(guard, permit.id, token, permit.admittedAt, now);
			this.callNext(guard, now);
		});
	}

	extend(permit: Permit, leaseMs: number): Holding {
		const now = this.clock.now();
		const held = permit.guards.map((guard, index) =>
			this.table(guard.policy).extend(guard, permit.id, permit.tokens[index]!, now + leaseMs, now),
		);
		return held.every(Boolean) ? 'held' : 'lost';
	}

	async awaitTurn(request: AdmitRequest, maxMs: number): Promise<void> {
		// Its turn may have come between the answer to `admit` and now, when nobody was there to be woken.
		const now = this.clock.now();
		if (request.guards.every((guard) => this.table(guard.policy).judge(guard, request, now) === 0))
			return;
		await this.room.wait(request.permitId, maxMs);
	}

	withdraw(request: AdmitRequest): void {
		const now = this.clock.now();
		this.room.wake(request.permitId);
		for (const guard of request.guards) {
			if (guard.policy.kind !== 'bulkhead') continue;
			const state = (this.table(guard.policy) as BulkheadTable).find(guard.key);
			if (state) leaveQueue(state, request.permitId);
			this.callNext(guard, now);
		}
	}

	inspect(address: PolicyAddress): PolicySnapshot | undefined {
		const now = this.clock.now();
		for (const { policy, table } of this.tablesFor(address)) {
			if (policy.kind !== address.kind || policy.name !== address.name) continue;
			const found = table.inspect(address.key, now);
			if (found) return { address, ...found };
		}
		return undefined;
	}

	override(policy: PolicyDefinition, key: string, action: OverrideAction): void {
		const table = this.table(policy);
		if (policy.kind === 'circuit-breaker') {
			const now = this.clock.now();
			const state = (table as BreakerTable).findOrCreate(key, policy.options, now);
			// A reset leaves the state there, or outcomes from before it could count after it.
			overrideCircuitBreaker(state, policy.options, now, action);
		} else if (policy.kind === 'breaker-quorum') {
			const now = this.clock.now();
			const state = (table as QuorumTable).findOrCreate(key, policy.options, now);
			overrideBreakerQuorum(state, policy.options, now, action);
		} else if (action === 'reset') {
			const waiting =
				policy.kind === 'bulkhead' ? ((table as BulkheadTable).find(key)?.queue ?? []) : [];
			table.forget(key);
			// They ask again in their order.
			for (const { permitId } of waiting) this.room.wake(permitId);
		}
	}

	/** Keys of more than 36 characters are left out, because they are not kept as they are. */
	keysOf(policy: PolicyDefinition, after = '0'): KeyPage {
		const keys = this.tables.get(tableName(policy))?.table.keys() ?? [];
		const first = Number(after);
		const page: string[] = [];
		let index = 0;
		for (const key of keys) {
			if (page.length === KEYS_PER_PAGE) return { keys: page, next: String(index) };
			if (index++ >= first) page.push(key);
		}
		return { keys: page, next: undefined };
	}

	/** See `keysOf` for what is left out. */
	states(after = '0:0'): StatePage {
		const [first, from] = after.split(':').map(Number) as [number, number];
		const page: PolicyAddress[] = [];
		let number = 0;
		for (const { policy, table } of this.tables.values()) {
			let index = 0;
			if (number >= first)
				for (const key of table.keys()) {
					if (page.length === KEYS_PER_PAGE) return { states: page, next: `${number}:${index}` };
					if (index++ >= (number === first ? from : 0))
						page.push({ kind: policy.kind, name: policy.name, key });
				}
			number++;
		}
		return { states: page, next: undefined };
	}

	/** None: to look at all there is costs this process little. */
	turnedAwayLately(): readonly PolicyAddress[] {
		return [];
	}

	holdersOf(policy: PolicyDefinition, key: string, most: number): readonly SlotHolder[] {
		const table = this.tables.get(tableName(policy))?.table;
		if (policy.kind !== 'bulkhead' || !table) return [];
		const now = this.clock.now();
		return [...((table as BulkheadTable).find(key)?.holders ?? [])]
			.map(([permitId, leaseUntil]) => ({ permitId, leaseUntil }))
			.filter(({ leaseUntil }) => leaseUntil > now)
			.sort((one, other) => one.leaseUntil - other.leaseUntil)
			.slice(0, most);
	}

	/** How many keys are remembered, over all policies. */
	get size(): number {
		let size = 0;
		for (const { table } of this.tables.values()) size += table.size;
		return size;
	}

	/** How many policies are remembered. */
	get policyCount(): number {
		return this.tables.size;
	}

	/** Those that may have a state of that name: one, unless it depends on the options which one. */
	private tablesFor({ kind, name }: PolicyAddress): Iterable<NamedTable> {
		const tableKey = plainTableName(kind, name);
		if (tableKey === undefined) return this.tables.values();
		const named = this.tables.get(tableKey);
		return named ? [named] : [];
	}

	private table(policy: PolicyDefinition): PolicyTable {
		// Mostly the one that was asked for last: to judge, to take, to settle.
		const { latest } = this;
		if (latest?.policy === policy && !latest.isRetired) return latest.table;
		const known = this.tableOf.get(policy);
		this.latest = known === undefined || known.isRetired ? this.findTable(policy) : known;
		return this.latest.table;
	}

	private findTable(policy: PolicyDefinition): NamedTable {
		const name = tableName(policy);
		let named = this.tables.get(name);
		if (named === undefined) {
			named = { policy, table: createTable(policy, this.pools), isRetired: false };
			this.tables.set(name, named);
		}
		named.policy = policy;
		this.tableOf.set(policy, named);
		return named;
	}

	private grant(request: AdmitRequest, now: number): Admission {
		const { guards } = request;
		let tokens: number[] | undefined;
		let leased = false;
		let timeoutMs: number | undefined;
		for (let index = 0; index < guards.length; index++) {
			const guard = guards[index]!;
			const table = this.table(guard.policy);
			const keys = table.size;
			const token = table.take(guard, request, now);
			if (token !== 0) (tokens ??= zeros(guards.length))[index] = token;
			this.newKeys += table.size - keys;
			leased ||= table.isLeased(guard.key);
			if (guard.policy.kind === 'timeout') {
				timeoutMs = currentTimeoutMs(
					(table as TimeoutTable).find(guard.key),
					guard.policy.options,
					now,
				);
			}
		}
		const permit: MemoryPermit = {
			id: request.permitId,
			guards,
			tokens: tokens ?? NO_TOKENS[guards.length] ?? zeros(guards.length),
			admittedAt: now,
			leased,
			timeoutMs,
			settled: undefined,
		};
		return { status: 'granted', permit };
	}

	private reject(request: AdmitRequest, by: Guard, retryAfterMs: number): Admission {
		if (request.guards.some(({ policy }) => policy.kind === 'bulkhead')) this.withdraw(request);
		return { status: 'rejected', by, retryAfterMs };
	}

	private queue(request: AdmitRequest, by: Guard, now: number): Admission {
		const { policy, key, priority } = by;
		if (policy.kind !== 'bulkhead' || policy.options.maxWaitDurationMs === 0)
			return this.reject(request, by, Infinity);
		const state = (this.table(policy) as BulkheadTable).findOrCreate(key, policy.options, now);
		const ahead = enqueue(
			state,
			policy.options,
			now,
			{ permitId: request.permitId, priority },
			TICKET_MS,
		);
		return ahead < 0 ? this.reject(request, by, Infinity) : { status: 'queued', by, ahead };
	}

	private callNext({ policy, key }: Guard, now: number): void {
		if (policy.kind !== 'bulkhead') return;
		const state = (this.table(policy) as BulkheadTable).find(key);
		if (!state || state.queue.length === 0) return;
		for (const permitId of nextInLine(state, policy.options, now)) this.room.wake(permitId);
	}

	private isSweepDue(): boolean {
		return ++this.admissions % ADMISSIONS_PER_SWEEP === 0;
	}

	/** Looks at the next keys over all policies, and forgets idle keys and policies without any. */
	private sweep(now: number): void {
		let left = KEYS_PER_SWEEP + 2 * this.newKeys;
		this.newKeys = 0;
		for (let ended = 0; left > 0 && ended < this.tables.size;) {
			this.swept ??= this.tables.next();
			// The end of the round; the next one begins at once.
			if (this.swept === undefined) continue;
			const looked = this.swept.table.sweep(now, left);
			if (looked < left) {
				this.retireIfEmpty(this.swept);
				this.swept = undefined;
				ended++;
			}
			left -= looked;
		}
	}

	private retireIfEmpty(named: NamedTable): void {
		if (named.table.size > 0) return;
		named.isRetired = true;
		this.tables.delete(tableName(named.policy));
	}
}
