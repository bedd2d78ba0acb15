/**
 * Builds the expression shown under a node's name. Its source may use `p` (the parameters as written), `n(value)`
 * (a number, or … where an expression decides), `t(ms)` (a duration in words) and `c(value, labels)` (the label of a
 * choice). Parameters are not resolved, because there is no item to resolve them for.
 */
export const subtitle = (source: string): string =>
	`={{ ((p, n, t, c) => ${source})($rawParameter, ${NUMBER}, ${DURATION}, ${CHOICE}) }}`;

/** The same for a step that may go by a named policy, of which it then shows the name. */
export const policySubtitle = (source: string): string =>
	subtitle(
		`p.settings === 'named' ? 'as ' + (String(p.namedPolicy).startsWith('=') ? '…' : p.namedPolicy) : ${source}`,
	);

const NUMBER = "(v => typeof v === 'number' ? String(v) : '…')";

const DURATION =
	"(v => typeof v !== 'number' ? '…' : v > 0 && v % 86400000 === 0 ? v / 86400000 + ' d' : v > 0 && v % 3600000 === 0 ? v / 3600000 + ' h' : v > 0 && v % 60000 === 0 ? v / 60000 + ' min' : v > 0 && v % 1000 === 0 ? v / 1000 + ' s' : v + ' ms')";

const CHOICE = "((v, labels) => labels[v] || '…')";
