using System.Management.Automation;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Lets a parameter take the name of a server of this session in place of the server.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ServerTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input is string name
            ? ServerList.Current.Find(name) ?? throw new ArgumentTransformationMetadataException(ChatErrors.ServerUnknown(name).Message)
            : input;
    }
}
