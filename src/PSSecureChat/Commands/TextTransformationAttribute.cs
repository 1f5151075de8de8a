using System.Management.Automation;

namespace PSSecureChat.Commands;

/// <summary>Refuses a script block as a text: its source would be sent, where what it says of each object is meant.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is ScriptBlock
            ? throw new ArgumentTransformationMetadataException("A script block is no text, and is not run here. Write: ... | ForEach-Object { Send-ChatMessage bob \"hi $_\" }")
            : inputData;
}
