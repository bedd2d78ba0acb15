/** What was kept of the last so many ids; those used longest ago are forgotten. */
export class LastUsed<Value> {
	private readonly values = new Map<string, Value>();

	constructor(private readonly most: number) {}

	has(id: string): boolean {
		return this.values.has(id);
	}

	/** Counts as a use. */
	get(id: string): Value | undefined {
		const value = this.values.get(id);
		if (value !== undefined) this.set(id, value);
		return value;
	}

	set(id: string, value: Value): void {
		this.values.delete(id);
		this.values.set(id, value);
		if (this.values.size <= this.most) return;
		const [oldest] = this.values.keys();
		this.values.delete(oldest!);
	}

	/** That which was used longest ago comes first. */
	all(): readonly Value[] {
		return [...this.values.values()];
	}

	delete(id: string): void {
		this.values.delete(id);
	}
}
