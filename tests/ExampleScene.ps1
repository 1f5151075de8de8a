<#
The scene in which the examples of the help run as they are written; dot-source it. Three peers live in this session:
ana is the newest, so the one who speaks; bob is connected to her, and carol waits to be let in. There are a few messages
and files. What needs a person is answered: questions with yes, a passphrase with a passphrase. Core cmdlets only.
#>
param([Parameter(Mandatory)][string] $Folder)

$ConfirmPreference = 'None'
function Read-Host {
    param([string] $Prompt, [switch] $AsSecureString)
    $answer = [securestring]::new()
    foreach ($character in 'a passphrase'.ToCharArray()) { $answer.AppendChar($character) }
    if ($AsSecureString) { $answer } else { 'yes' }
}

function Wait-Scene([scriptblock] $Condition) {
    $end = [datetime]::UtcNow.AddSeconds(30)
    while (-not (& $Condition)) {
        if ([datetime]::UtcNow -gt $end) { throw "The scene was not set within 30 s: $Condition" }
        $null = [System.Threading.Thread]::Yield()
    }
}

$null = & {
    $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral -AcceptFrom Anyone
    $carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone
    $ana = Start-ChatServer 127.0.0.1 0 ana -Ephemeral
    Connect-ChatPeer $bob.Endpoint -Server $ana
    Connect-ChatPeer $ana.Endpoint -Server $carol
    Wait-Scene { (Get-ChatPeer carol -Server $ana -ErrorAction Ignore).State -eq 'Requested' -and (Get-ChatPeer ana -Server $bob -ErrorAction Ignore).State -eq 'Online' }
    'The backup has begun.', 'The backup is complete.' | Send-ChatMessage ana -Server $bob -WaitFor Delivered
    Send-ChatMessage bob 'Good.' -Server $ana -WaitFor Delivered

    [System.IO.File]::WriteAllText("$Folder/peers.csv", "Address,Port,Fingerprint`n127.0.0.1,$($carol.Port),$($carol.Fingerprint)`n")
    [System.IO.File]::WriteAllText("$Folder/notes.txt", "milk`nbread`n")
    [System.IO.File]::WriteAllText("$Folder/report.txt", 'x' * 100KB)
    $ExecutionContext.SessionState.Path.SetLocation($Folder)
}
