import type { InstanceEntry, WorkerStatus } from '../../ports/stack';
import { Crew, type RegistryUse } from './crew';
import { clientKey } from './job-taker';
import type { WorkerRecord } from './worker-record';
import type { WorkersLook } from './workers-look';

/** Recognises workers from look to look, by their pools and the names that they go by. */
export class KnownWorkers {
	private readonly crews = new Map<string, Crew>();
	private registry: RegistryUse = 'unused';

	get records(): readonly WorkerRecord[] {
		return [...this.crews.values()].flatMap(({ members, unheard }) => [...members, ...unheard]);
	}

	/** Notes who is listed and who has answered. @returns the answers, by who gave them. */
	note({ at, instances, statuses, clients }: WorkersLook): ReadonlyMap<WorkerRecord, WorkerStatus> {
		if (instances.isKnown) {
			this.registry = instances.value.length > 0 ? 'used' : 'unused';
			const entries = this.byCrew(instances.value.filter(isWorker));
			for (const [crew, listed] of entries) crew.noteEntries(listed, at);
		}
		if (!statuses.isKnown) return new Map();
		const answers = this.byCrew(statuses.value);
		const connected = clients.isKnown
			? new Map(clients.value.map((client) => [clientKey(client), client]))
			: undefined;
		return new Map(
			[...answers].flatMap(([crew, own]) => [
				...crew.noteAnswers(own, at, this.registry, connected),
			]),
		);
	}

	/** To be called once it is known which workers are gone at this look. */
	noteMissed({ at, instances }: WorkersLook): void {
		if (!instances.isKnown) return;
		for (const crew of this.crews.values()) crew.noteMissed(at, this.registry);
	}

	/** Whether the registry says that a worker lives which is gone. */
	isStillListed(record: WorkerRecord): boolean {
		return this.crews.get(keyOf(record))?.isStillListed(record) ?? false;
	}

	/** @param rememberedMs how long workers stay known that are missed. */
	forget(at: number, rememberedMs: number): void {
		for (const [key, crew] of this.crews) {
			crew.forget(at, rememberedMs);
			if (crew.isEmpty) this.crews.delete(key);
		}
	}

	/** With those crews of which there is none. */
	private byCrew<T extends InstanceEntry | WorkerStatus>(all: readonly T[]): Map<Crew, T[]> {
		const found = Map.groupBy(all, keyOf);
		for (const [key, [one]] of found)
			if (!this.crews.has(key)) this.crews.set(key, new Crew(one!.hostId, one!.pool));
		return new Map([...this.crews].map(([key, crew]) => [crew, found.get(key) ?? []]));
	}
}

const keyOf = ({ hostId, pool }: { readonly hostId: string; readonly pool: string }): string =>
	`${hostId}\n${pool}`;

const isWorker = ({ type }: InstanceEntry): boolean => type === 'worker';
