/** One value of a metric. */
export interface Sample {
	readonly name: string;
	readonly labels: ReadonlyMap<string, string>;
	readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?[ \t]+(NaN|[+-]?Inf|[\d.eE+-]+)(?:[ \t]+-?\d+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/** Samples of Prometheus's text format (0.0.4). Lines that are none are passed over. */
export function* samplesOf(text: string): Generator<Sample> {
	for (const line of text.split('\n')) {
		const match = LINE.exec(line.trim());
		if (!match) continue;
		const [, name, labels = '', value] = match;
		yield { name: name!, labels: labelsOf(labels), value: numberOf(value!) };
	}
}

const labelsOf = (text: string): ReadonlyMap<string, string> =>
	new Map(
		[...text.matchAll(LABEL)].map(([, name, value]) => [
			name!,
			value!.replace(/\\./g, (escape) => ESCAPED[escape] ?? escape),
		]),
	);

/** Prometheus writes `+Inf`, `-Inf` and `NaN`. */
const numberOf = (text: string): number => Number(text.replace(/Inf$/, 'Infinity'));
