/** The last so many that were seen; those seen longest ago are forgotten. */
export class LastSeen {
	private readonly ids = new Set<string>();

	constructor(private readonly most: number) {}

	add(id: string): void {
		this.ids.delete(id);
		this.ids.add(id);
		if (this.ids.size <= this.most) return;
		for (const oldest of this.ids) {
			this.ids.delete(oldest);
			break;
		}
	}

	has(id: string): boolean {
		return this.ids.has(id);
	}
}
