using System.Management.Automation;
using PSSecureChat.Objects;

namespace PSSecureChat.Commands;

/// <summary>Lets a parameter take a message in place of its id.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MessageIdTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (MessageObject.Of(inputData) is { } message)
        {
            return message.Id;
        }

        object input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input is string text && !Guid.TryParse(text, out _)
            ? throw new ArgumentTransformationMetadataException($"'{SafeText.ForOneLine(text)}' is not the id of a message.")
            : inputData;
    }
}
