using System.Management.Automation;

namespace PSSecureChat.Commands;

/// <summary>Lets an address be a server of this machine: its endpoint is meant, not the text it is shown as.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EndpointTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is ChatServer server ? server.Endpoint : inputData;
}
