using System.Management.Automation;
using System.Management.Automation.Runspaces;
using PSSecureChat.Events;

namespace PSSecureChat.Internal;

/// <summary>
/// What PowerShell calls when the module is imported into a runspace or removed from it. Public because
/// PowerShell only looks at public types; not meant to be used by scripts.
/// </summary>
public sealed class ModuleLifeCycle : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <summary>Makes the engine loadable.</summary>
    public void OnImport() => EngineLoadContext.Hook();

    /// <summary>Ends the events and stops the servers of the runspace the module leaves.</summary>
    /// <param name="psModuleInfo">The module that leaves.</param>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        if (Runspace.DefaultRunspace is { } runspace)
        {
            EventList.End(runspace, runspace.Events, null);
            ServerList.Close(runspace);
        }
    }
}
