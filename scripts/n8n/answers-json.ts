/** Whether all these addresses answer with JSON. While n8n starts it answers with 404, or with 200 and a text. */
export async function answersJson(
	url: string,
	paths: readonly string[],
	signal?: AbortSignal,
): Promise<boolean> {
	for (const path of paths) {
		try {
			const response = await fetch(url + path, { signal });
			if (!response.ok || typeof (await response.json()) !== 'object') return false;
		} catch {
			return false;
		}
	}
	return true;
}
