using System.Globalization;
using System.Management.Automation;
using PSSecureChat.Objects;

namespace PSSecureChat.Commands;

/// <summary>
/// Refuses a bare number as a time: PowerShell would take it for so many ticks of 100 ns, and the time would be over at once; and the
/// same number as a text, as all numbers of a CSV file are, for so many days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData is null || !IsBareNumber(inputData)
        ? inputData!
        : throw new ArgumentTransformationMetadataException(string.Create(
            CultureInfo.InvariantCulture,
            $"{inputData} is a number without a unit. Write '0:15' for a quarter of an hour, '0:00:30' for half a minute, or [timespan]::FromSeconds({inputData})."));

    internal static bool IsBareNumber(object value)
    {
        object plain = value is PSObject wrapper ? wrapper.BaseObject : value;
        return SimpleValue.IsNumber(plain) || (plain is string text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
    }
}
