using System.Globalization;
using System.Management.Automation;
using PSSecureChat.Objects;

namespace PSSecureChat.Commands;

/// <summary>
/// Refuses a bare number as a time: PowerShell would take it for so many ticks of 100 ns, and the time would be over at once; and the
/// same number as a text, as all numbers of a CSV file are, for so many days. A word that is no time is refused in words of ours.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (inputData is not null && IsBareNumber(inputData))
        {
            throw new ArgumentTransformationMetadataException(string.Create(
                CultureInfo.InvariantCulture,
                $"{inputData} is a number without a unit. Write '0:15' for a quarter of an hour, '0:00:30' for half a minute, or [timespan]::FromSeconds({inputData})."));
        }

        return (inputData is PSObject wrapper ? wrapper.BaseObject : inputData) is not string text || string.IsNullOrEmpty(text) || TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _)
            ? inputData!
            : throw new ArgumentTransformationMetadataException($"'{text}' is no time. Write '0:15' for a quarter of an hour, '0:00:30' for half a minute, '7.0:00' for a week.");
    }

    internal static bool IsBareNumber(object value)
    {
        object plain = value is PSObject wrapper ? wrapper.BaseObject : value;
        return SimpleValue.IsNumber(plain) || (plain is string text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
    }
}
