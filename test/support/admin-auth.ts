/** What each user may do, by the name: a permission of Node-RED, or several. */
export type Permissions = Record<string, string | string[]>;

/** The setting `adminAuth` for some users. Each signs in by name, as if that were a token; no session is kept. */
export function signInByName(permissions: Permissions) {
  return {
    type: 'credentials',
    users: [],
    tokens: async (name: string) => name in permissions && { username: name, permissions: permissions[name] },
  };
}
