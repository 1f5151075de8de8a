using System.Management.Automation;

namespace PSSecureChat.Commands;

/// <summary>Lets a parameter take a message in place of its id.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MessageIdTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input switch
        {
            ChatMessage message => message.Id,
            string text when !Guid.TryParse(text, out _) => throw new ArgumentTransformationMetadataException($"'{SafeText.ForOneLine(text)}' is not the id of a message."),
            _ => inputData,
        };
    }
}
