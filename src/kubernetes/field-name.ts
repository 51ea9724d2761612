/** A dot would make a path of it: `app` and `app.kubernetes.io/name` cannot both be in one index. */
export const fieldName = (key: string): string => key.replaceAll('.', '_')
