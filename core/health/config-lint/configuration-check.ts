import type { Clock } from '../../ports';
import { modeOf, type StackSources } from '../../stack';
import { lintConfiguration, type LintReport } from './lint-configuration';
import type { N8nSettings } from './n8n-settings';
import { readLintFacts } from './read-lint-facts';

/** Settings change seldom, and reading all workflows costs. In ms. */
const FRESH_MS = 600_000;

/** A report on the configuration, and when it was made, in ms since the epoch. */
export interface DatedLintReport extends LintReport {
	readonly at: number;
}

/** Lints the configuration at most every ten minutes. Who asks when that is due gets the report before. */
export class ConfigurationCheck {
	private last: DatedLintReport | undefined;
	private checking: Promise<DatedLintReport> | undefined;

	constructor(
		private readonly sources: StackSources,
		private readonly settings: N8nSettings | undefined,
		private readonly clock: Clock,
	) {}

	async report(): Promise<DatedLintReport> {
		const { last } = this;
		if (last && Math.abs(this.clock.now() - last.at) < FRESH_MS) return last;
		this.checking ??= this.check().finally(() => (this.checking = undefined));
		if (!last) return await this.checking;
		// Whoever asks next makes another attempt.
		this.checking.catch(() => undefined);
		return last;
	}

	private async check(): Promise<DatedLintReport> {
		const { sources, settings } = this;
		const at = this.clock.now();
		const readings = await readLintFacts(sources, settings);
		const report = lintConfiguration(modeOf(sources), readings);
		this.last = { at, ...report };
		return this.last;
	}
}
