using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Internal;

/// <summary>Which open invitations the ids a user typed mean.</summary>
internal static class InvitationSelection
{
    /// <summary>The invitations that are meant, each once, in the order of the ids.</summary>
    /// <param name="open">Those that are open.</param>
    /// <param name="ids">Ids, with wildcards, or whole lines.</param>
    /// <param name="unknown">The plain ids under which none is listed; of a line never more than its id, for the line lets somebody in.</param>
    public static List<ChatInvitation> Select(IReadOnlyList<ChatInvitation> open, IEnumerable<string> ids, out List<string> unknown)
    {
        List<ChatInvitation> selected = [];
        unknown = [];
        foreach (string mark in ids.Select(ChatEngine.InvitationIdOf))
        {
            NamePattern pattern = new(mark, WildcardOptions.None); // case counts: two ids may differ in nothing else
            List<ChatInvitation> meant = [.. open.Where(invitation => pattern.IsMatch(invitation.Id))];
            if (meant.Count == 0 && !pattern.IsWildcard)
            {
                unknown.Add(mark);
            }

            selected.AddRange(meant.Except(selected));
        }

        return selected;
    }
}
