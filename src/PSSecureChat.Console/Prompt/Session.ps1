# The commands of the prompt. They are functions of the session: whoever wants more uses the cmdlets beneath.
# Only the language and the Core cmdlets are used, because Microsoft.PowerShell.Utility is not there.

$ErrorView = 'ConciseView'

function ConvertTo-ChatPort {
    # 'abc' must be an error that says so, not a failed conversion somewhere deep.
    param([System.Management.Automation.PSCmdlet] $For, [string] $Text, [int] $Lowest)
    $number = 0
    if ([int]::TryParse($Text, [ref] $number) -and $number -ge $Lowest -and $number -le 65535) { return $number }
    $failure = [System.ArgumentException]::new("'$Text' is not a port. A port is a number from $Lowest to 65535.")
    $For.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new($failure, 'PortNotANumber', 'InvalidArgument', $Text))
}

function init {
    <#
    .SYNOPSIS
    Starts listening: init <host> <port> <user> [-Ephemeral] [-Path <folder>]
    .DESCRIPTION
    Everyone who connects is taken at once: `conn` by either side lets both talk. Start-ChatServer can be stricter.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [Alias('Host')] [string] $Address,
        [Parameter(Mandatory, Position = 1)] [string] $Port,
        [Parameter(Mandatory, Position = 2)] [string] $User,
        [string] $Path,
        [switch] $Ephemeral)
    $options = @{ Address = $Address; Port = ConvertTo-ChatPort $PSCmdlet $Port 0; Name = $User; AcceptFrom = 'Anyone' }
    if ($Path) { $options.Path = $Path }
    if ($Ephemeral) { $options.Ephemeral = $true }
    try { $server = Start-ChatServer @options -ErrorAction Stop }
    catch { $PSCmdlet.ThrowTerminatingError($_) }
    "Now listening on $($server.Endpoint)"
}

function conn {
    <#
    .SYNOPSIS
    Connects to a peer: conn <host> <port>
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [Alias('Host')] [string] $Address,
        [Parameter(Mandatory, Position = 1)] [string] $Port)
    $number = ConvertTo-ChatPort $PSCmdlet $Port 1
    "connecting to ${Address}:$number"
    try { $peer = Connect-ChatPeer -Address $Address -Port $number -ErrorAction Stop }
    catch { $PSCmdlet.ThrowTerminatingError($_) }
    if ($peer.State -eq 'Waiting') {
        # Not told as connected: the announcement when they let us in is still to come.
        return "$($peer.Name) has been asked; its user has not let us in yet"
    }
    $Host.PrivateData.PeerTold($peer.Fingerprint)
    "Now connected to $($peer.Name)"
}

function send {
    <#
    .SYNOPSIS
    Sends a message: send <user> [text]. Without a text it asks for one.
    .DESCRIPTION
    At the prompt the text is taken as it is typed: quotes, $, ; and the like mean nothing. Use Send-ChatMessage for expressions.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $User,
        [Parameter(Position = 1, ValueFromRemainingArguments)] [string[]] $Text)
    try {
        $peers = @(Get-ChatPeer $User -ErrorAction SilentlyContinue)
        if (-not $peers) {
            $failure = [System.InvalidOperationException]::new("You're not connected to $User")
            $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new($failure, 'NotConnected', 'ObjectNotFound', $User))
        }
        if ($Text) { $message = $Text -join ' ' }
        else {
            $Host.UI.Write('Message: ')
            $message = $Host.UI.ReadLine()
        }
        if (-not $message) { return }
        # That a peer is away is told below, in the words of this prompt; whatever else keeps a message back the cmdlet tells.
        $onlyAway = -not ($peers.State | Where-Object { $_ -notin 'Online', 'Offline' })
        $warnings = if ($onlyAway) { 'SilentlyContinue' } else { 'Continue' }
        Send-ChatMessage -To $User -Message $message -ErrorAction Stop -WarningAction $warnings
    }
    catch { $PSCmdlet.ThrowTerminatingError($_) }
    foreach ($peer in $peers) {
        if ($onlyAway -and $peer.State -eq 'Offline') { "You're not connected to $($peer.Name): the message waits and goes out later." }
    }
}

function inbox {
    <#
    .SYNOPSIS
    Shows what was received: inbox [user]
    #>
    [CmdletBinding()]
    param([Parameter(Position = 0)] [string] $User)
    $from = @{}
    if ($User) { $from.From = $User }
    $any = $false
    try { Get-ChatInbox @from -ErrorAction Stop | ForEach-Object { $any = $true; $_ } }
    catch { $PSCmdlet.ThrowTerminatingError($_) }
    if (-not $any -and $?) { $Host.UI.WriteLine('No messages.') }
}

function help {
    <#
    .SYNOPSIS
    Lists the commands; with the name of one its help.
    #>
    param([Parameter(Position = 0)] [string] $Name)
    if ($Name) { return Get-Help $Name @args }
    @'
init <host> <port> <user>   start listening; -Ephemeral keeps nothing
conn <host> <port>          connect to a peer
send <user> [text]          send a message; asks for the text when there is none
inbox [user]                show what was received
help [command]              this list, or the help of a command
exit                        leave; Ctrl+D as well

Tab completes commands and names, the arrows bring back earlier lines,
Ctrl+C stops a command. Everything else is the PowerShell language and its core
cmdlets (Where-Object, ForEach-Object, Get-Command, ...). Select-Object,
Format-List, Get-Date and the like belong to PowerShell itself, not to this
console. The cmdlets of the module:
'@
    '  ' + ((Get-Command -Module PSSecureChat -CommandType Cmdlet).Name -join "`n  ")
}

$names = {
    param($command, $parameter, $word)
    $start = $word.Trim("'", '"')
    foreach ($peer in Get-ChatPeer -ErrorAction SilentlyContinue) {
        if ($peer.Name.StartsWith($start, [System.StringComparison]::CurrentCultureIgnoreCase)) {
            $text = if ($peer.Name -match '^\p{L}[\p{L}\p{M}\p{N}._~+-]*$') { $peer.Name } else { "'$($peer.Name)'" } # no name has a quote in it
            [System.Management.Automation.CompletionResult]::new($text, $peer.Name, 'ParameterValue', "$($peer.Name): $($peer.State)")
        }
    }
}
Register-ArgumentCompleter -CommandName send, inbox -ParameterName User -ScriptBlock $names
