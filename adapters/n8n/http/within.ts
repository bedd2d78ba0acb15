/** An address below another one, which may have a path of its own. */
export const within = (base: string, path: string): URL =>
	new URL(`${base.replace(/\/+$/, '')}/${path}`);
