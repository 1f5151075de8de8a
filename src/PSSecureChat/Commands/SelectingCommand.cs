using System.Management.Automation;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that emits stored messages of a time, or the newest of them.</summary>
public abstract class SelectingCommand : ReadingCommand
{
    /// <summary>Only messages that were stored here after this moment.</summary>
    [Parameter]
    public DateTimeOffset? After { get; set; }

    /// <summary>Only messages that were stored here before this moment.</summary>
    [Parameter]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Only the newest this many of those that fit; still oldest first.</summary>
    [Parameter]
    [Alias("Tail")]
    [ValidateRange(1, int.MaxValue)]
    public int? Last { get; set; }
}
