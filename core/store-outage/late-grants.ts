import type { Permit } from '../ports';

/** Calls of which it is kept what they have; the rest is up to the leases. */
const MOST_KEPT = 10_000;

/** What calls have of the shared store that were let through without its answer, as soon as that is known. */
export class LateGrants {
	private readonly grants = new Map<string, Promise<Permit | undefined>>();

	/** @param grant undefined when the store let nobody in */
	keep(permitId: string, grant: Promise<Permit | undefined>): void {
		const [oldest] = this.grants.keys();
		if (this.grants.size >= MOST_KEPT) this.grants.delete(oldest!);
		this.grants.set(permitId, grant);
	}

	of({ id }: Permit): Promise<Permit | undefined> {
		return this.grants.get(id) ?? Promise.resolve(undefined);
	}

	/** The same, for the last time. */
	take(permit: Permit): Promise<Permit | undefined> {
		const grant = this.of(permit);
		this.grants.delete(permit.id);
		return grant;
	}
}
