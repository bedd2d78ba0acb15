/**
 * What a value is after n8n has saved and loaded it: plain JSON, but with shared references kept,
 * as n8n's serialisation keeps them (two places that held one object hold one object again).
 */
export function roundTrip<T>(value: T): T {
	return copy(value, new Map()) as T;
}

function copy(value: unknown, copies: Map<object, unknown>): unknown {
	if (typeof value === 'number') return Number.isFinite(value) ? value : null;
	if (typeof value === 'bigint') throw new TypeError('n8n cannot save a BigInt');
	if (typeof value !== 'object' || value === null) return isGone(value) ? undefined : value;
	if (copies.has(value)) return copies.get(value);
	if ('toJSON' in value && typeof value.toJSON === 'function') {
		const plain: unknown = value.toJSON();
		return plain === value ? copyMembers(value, copies) : copy(plain, copies);
	}
	return copyMembers(value, copies);
}

function copyMembers(value: object, copies: Map<object, unknown>): unknown {
	if (Array.isArray(value)) {
		const list: unknown[] = [];
		copies.set(value, list);
		for (const member of value as unknown[])
			list.push(isGone(member) ? null : copy(member, copies));
		return list;
	}
	const record: Record<string, unknown> = {};
	copies.set(value, record);
	for (const [key, member] of Object.entries(value)) {
		if (!isGone(member)) record[key] = copy(member, copies);
	}
	return record;
}

/** JSON leaves these out of objects and makes them null in lists. */
function isGone(value: unknown): boolean {
	return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}
