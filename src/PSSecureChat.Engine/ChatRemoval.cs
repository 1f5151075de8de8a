namespace PSSecureChat.Engine;

/// <summary>What became of a message that was to be removed.</summary>
public enum ChatRemoval
{
    /// <summary>It was not there.</summary>
    NotFound,

    /// <summary>It was removed here; the other side keeps its own copy, if it has one.</summary>
    Removed,

    /// <summary>It had not been sent, and never will be.</summary>
    Withdrawn,

    /// <summary>It was removed here, but it had been sent and was not confirmed: the peer may have it.</summary>
    MayHaveArrived,
}
