import { quoted } from '../../one-line';

const MOST_NAMED = 5;

/** Names some of many. */
export function named(many: ReadonlyArray<{ readonly name: string; readonly id: string }>): string {
	const some = many.slice(0, MOST_NAMED).map(({ name, id }) => `${quoted(name)} (${id})`);
	const rest = many.length - some.length;
	return rest > 0 ? `${some.join(', ')} and ${rest} more` : some.join(', ');
}
