import { Gauge, Registry } from 'prom-client';

/** Gauges of one kind, all of which are known anew each time. */
export interface GaugeFamily {
	readonly name: string;
	readonly help: string;
	readonly samples: ReadonlyArray<{
		readonly labels?: Readonly<Record<string, string>>;
		readonly value: number;
	}>;
}

export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * Prometheus' text format. What there is no sample of is left out.
 * @param redact replaces secrets in the values of labels, some of which others wrote.
 */
export async function exposition(
	families: readonly GaugeFamily[],
	redact: (text: string) => string,
): Promise<string> {
	const registry = new Registry();
	for (const { name, help, samples } of families.filter(({ samples: all }) => all.length > 0)) {
		const labelNames = Object.keys(samples[0]!.labels ?? {});
		const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
		for (const { labels = {}, value } of samples) gauge.set(redacted(labels, redact), value);
	}
	return await registry.metrics();
}

const redacted = (labels: Readonly<Record<string, string>>, redact: (text: string) => string) =>
	Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, redact(value)]));
