namespace PSSecureChat.Live;

/// <summary>How a peer stands, in the words of the line of state.</summary>
internal static class LiveStatus
{
    private const string Leave = "Ctrl+C leaves";
    private const string Waits = "what you type waits";

    /// <summary>The line.</summary>
    public static string Of(ChatPeer peer) => SafeText.ForOneLine(peer.State switch
    {
        ChatPeerState.Online => $"-- {peer.Name}: connected{RoundTrip(peer)} | {(peer.Trust == ChatTrust.Verified ? "verified" : "safety number not compared")} | {Leave}",
        ChatPeerState.Waiting => $"-- {peer.Name}: its user has not let us in yet, {Waits} | {Leave}",
        ChatPeerState.KeyChanged => $"!! {peer.Name}: THE KEY HAS CHANGED, {Waits} | {Leave}",
        ChatPeerState.Blocked => $"!! {peer.Name}: blocked | {Leave}",
        ChatPeerState.Requested => $"-- {peer.Name}: waits for Approve-ChatPeer | {Leave}",
        _ => $"-- {peer.Name}: not connected, {Waits} | {Leave}{(peer.Reason is null ? "" : $" | {peer.Reason}")}",
    });

    /// <summary>Whether nobody may overlook it.</summary>
    public static bool IsAlarm(ChatPeer peer) => peer.State is ChatPeerState.KeyChanged or ChatPeerState.Blocked;

    /// <summary>What a state needs to be said about at length; null for most.</summary>
    public static string? Warning(ChatPeer peer) => peer.State == ChatPeerState.KeyChanged
        ? $"The key of {peer.Name} has changed: known {peer.Fingerprint}, found {peer.NewFingerprint}. Either {peer.Name} has a new store, or somebody stands between. Your texts wait. Compare (Get-ChatPeer '{peer.Name}').NewSafetyNumber with the person over another way; Approve-ChatPeer -SafetyNumber then goes on."
        : null;

    private static string RoundTrip(ChatPeer peer) => peer.RoundTrip is TimeSpan took ? FormattableString.Invariant($", {took.TotalMilliseconds:0.#} ms") : string.Empty;
}
