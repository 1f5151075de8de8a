using System.Globalization;
using System.Management.Automation;

namespace PSSecureChat.Commands;

/// <summary>Says of a port that is no number that it is none: arguments in another order are the usual reason.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PortTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input is not string { Length: > 0 } text || LanguagePrimitives.TryConvertTo(text, CultureInfo.InvariantCulture, out int _)
            ? inputData
            : throw new ArgumentTransformationMetadataException($"'{SafeText.ForOneLine(text)}' is not a port. A port is a number up to 65535.");
    }
}
