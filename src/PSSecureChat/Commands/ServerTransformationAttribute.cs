using System.Management.Automation;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Lets a parameter take the name of a server of this session in place of the server.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ServerTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether the parameter takes several servers, and so wildcards too.</summary>
    public bool Several { get; set; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object input = Bare(inputData);
        return Several && input is object[] items
            ? items.SelectMany(item => Servers(Bare(item))).ToArray()
            : Several && input is string ? Servers(input).ToArray() : input is string name ? ServerList.Current.Named(name) : input;
    }

    private static object Bare(object input) => input is PSObject wrapped ? wrapped.BaseObject : input;

    private static IEnumerable<object> Servers(object input)
    {
        if (input is not string name)
        {
            return [input];
        }

        NamePattern pattern = new(name);
        return pattern.IsWildcard || ServerList.Current.IsAmbiguous(name) ? ServerList.Current.ToArray().Where(server => pattern.IsMatch(server.Name)) : [ServerList.Current.Named(name)];
    }
}
