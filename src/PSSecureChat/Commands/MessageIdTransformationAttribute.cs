using System.Management.Automation;
using PSSecureChat.Objects;

namespace PSSecureChat.Commands;

/// <summary>Lets a parameter take a message in place of its id.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MessageIdTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => MessageObject.Of(inputData) is { } message ? message.Id : inputData;
}
