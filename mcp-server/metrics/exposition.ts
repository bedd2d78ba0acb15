/** Measurements of one kind, as Prometheus reads them. */
export interface MetricFamily {
	readonly name: string;
	readonly help: string;
	readonly type: 'gauge' | 'counter';
	readonly samples: ReadonlyArray<{
		readonly labels?: Readonly<Record<string, string>>;
		readonly value: number;
	}>;
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus' text format. What there is no sample of is left out. */
export const exposition = (families: readonly MetricFamily[]): string =>
	families
		.filter(({ samples }) => samples.length > 0)
		.map(({ name, help, type, samples }) =>
			[
				`# HELP ${name} ${help}`,
				`# TYPE ${name} ${type}`,
				...samples.map(({ labels, value }) => `${name}${labelsOf(labels)} ${value}`),
				'',
			].join('\n'),
		)
		.join('');

function labelsOf(labels: Readonly<Record<string, string>> = {}): string {
	const shown = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
	return shown.length === 0 ? '' : `{${shown.join(',')}}`;
}

const escaped = (value: string): string =>
	value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
