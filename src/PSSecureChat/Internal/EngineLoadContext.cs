using System.Reflection;
using System.Runtime.Loader;

namespace PSSecureChat.Internal;

/// <summary>
/// Where the engine and its packages live, apart from every other module's copies of the same libraries.
/// Only the one name PSSecureChat.Engine leads in here from the session's own load context.
/// </summary>
internal sealed class EngineLoadContext : AssemblyLoadContext
{
    private const string EngineName = "PSSecureChat.Engine";

    private static readonly Lazy<EngineLoadContext> Shared = new(() => new EngineLoadContext(PathOfEngine()));
    private static int s_hooked;

    private readonly AssemblyDependencyResolver _resolver;

    private EngineLoadContext(string path)
        : base("PSSecureChat") => _resolver = new AssemblyDependencyResolver(path);

    /// <summary>Makes the engine resolvable. Idempotent; stays for the life of the process, like the assemblies themselves.</summary>
    public static void Hook()
    {
        if (Interlocked.Exchange(ref s_hooked, 1) == 0)
        {
            Default.Resolving += static (_, name) => name.Name == EngineName ? Shared.Value.LoadFromAssemblyName(name) : null;
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // The model is shared with the session: its types cross the border between the two contexts.
        Assembly model = typeof(ChatMessage).Assembly;
        if (assemblyName.Name == model.GetName().Name)
        {
            return model;
        }

        string? path = _resolver.ResolveAssemblyToPath(assemblyName);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string? path = _resolver.ResolveUnmanagedDllToPath(unmanagedDllName);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }

    private static string PathOfEngine()
    {
        string folder = Path.GetDirectoryName(typeof(EngineLoadContext).Assembly.Location)!;
        return Path.Combine(folder, "engine", EngineName + ".dll");
    }
}
