using System.Management.Automation;

namespace PSSecureChat.Objects;

/// <summary>A property of a received object. Its value is exact; how it describes itself, to Get-Member say, is safe for a terminal.</summary>
internal sealed class ReceivedProperty(string name, object? value) : PSNoteProperty(name, value)
{
    public override PSMemberInfo Copy() => new ReceivedProperty(Name, Value);

    public override string ToString() => ReceivedText.Of(base.ToString(), ReceivedObject.LongestLine);
}
