/** The permissions of each user, by name. */
export type Permissions = Record<string, string | string[]>;

/** The setting `adminAuth` for some users. The name of a user is also the access token; there are no sessions. */
export function signInByName(permissions: Permissions) {
  return {
    type: 'credentials',
    users: [],
    tokens: async (name: string) => name in permissions && { username: name, permissions: permissions[name] },
  };
}
