#!/usr/bin/env node
"use strict";
var __create=Object.create;var __defProp=Object.defineProperty;var __getOwnPropDesc=Object.getOwnPropertyDescriptor;var __getOwnPropNames=Object.getOwnPropertyNames;var __getProtoOf=Object.getPrototypeOf,__hasOwnProp=Object.prototype.hasOwnProperty;var __esm=(fn,res,err)=>function(){if(err)throw err[0];try{return fn&&(res=(0,fn[__getOwnPropNames(fn)[0]])(fn=0)),res}catch(e){throw err=[e],e}};var __commonJS=(cb,mod)=>function(){try{return mod||(0,cb[__getOwnPropNames(cb)[0]])((mod={exports:{}}).exports,mod),mod.exports}catch(e){throw mod=0,e}};var __copyProps=(to,from,except,desc)=>{if(from&&typeof from=="object"||typeof from=="function")for(let key of __getOwnPropNames(from))!__hasOwnProp.call(to,key)&&
key!==except&&__defProp(to,key,{get:()=>from[key],enumerable:!(desc=__getOwnPropDesc(from,key))||desc.enumerable});return to};var __toESM=(mod,isNodeMode,target)=>(target=mod!=null?__create(__getProtoOf(mod)):{},__copyProps(isNodeMode||!mod||!mod.__esModule?__defProp(target,"default",{
value:mod,enumerable:!0}):target,mod));var require_out=__commonJS({"js/out.js"(exports2){init_out_inject();var fs2=require("node:fs"),lost;process.on("exit",code=>{lost&&(process.exitCode=code||1,write2(
2,`${lost}
`))});function write2(fd,text){let rest=Buffer.from(text);for(;rest.length>0;)try{rest=rest.subarray(fs2.writeSync(fd,rest))}catch(error){if(error.code==="ENOSP\
C"&&(lost=error.message),error.code!=="EAGAIN")return;Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0,5)}}[exports2.stdout,exports2.stderr]=[1,2].map(
fd=>({write:text=>write2(fd,text)}));exports2.randomUUID=()=>fs2.readFileSync("/proc/sys/kernel/random/uuid","utf8").trim()}});var import_out,init_out_inject=__esm({"js/out.inject.mjs"(){import_out=__toESM(require_out(),1)}});var require_stop=__commonJS({"js/stop.js"(exports2){init_out_inject();var pending=new Set,[stopped,armed]=[null,!1];function stop(signal){stopped??=signal;for(let tell of pending)
tell();pending.clear()}exports2.unlessStopped=async(work,isDone=()=>!1)=>{for(let told of armed?[]:["SIGINT","SIGTERM","SIGHUP","exit"])process.on(told,stop);armed=
!0;let tell,reply=stopped?null:await work(told=>pending.add(tell=told));return pending.delete(tell),stopped&&!isDone(reply)?{is:"cancelled",signal:stopped}:reply};
exports2.stopped=()=>stopped!==null;exports2.timer=(ms,then)=>setTimeout(then,Math.min(ms,2**31-1));exports2.sleep=({ms},onStop)=>new Promise(resolve=>{let timer=exports2.
timer(ms,()=>resolve({is:"done"}));onStop(()=>resolve(clearTimeout(timer)))})}});var require_files=__commonJS({"js/files.js"(exports2){init_out_inject();var fs2=require("node:fs"),{basename,dirname,join}=require("node:path"),{O_APPEND,O_CREAT,
O_NOFOLLOW,O_NONBLOCK,O_RDONLY,O_WRONLY}=fs2.constants;exports2.refused=error=>({is:"refused",code:error.code??"EINVAL",text:error.message});var answering=(act,missing=null)=>command=>{
try{return act(command)}catch(error){return error.code===missing?{is:"missing"}:exports2.refused(error)}};function using(fd,act){try{return act(fd)}finally{fs2.
closeSync(fd)}}var syncFolder=path=>using(fs2.openSync(path,O_RDONLY),fs2.fsyncSync);function writeWhole(fd,text){fs2.writeFileSync(fd,text),fs2.fsyncSync(fd)}function readPart(fd,cap,keep){
let{size}=fs2.fstatSync(fd),from=keep==="tail"?Math.max(0,size-cap):0,buffer=Buffer.alloc(Math.min(cap,Math.max(size-from,65536))),held=0;for(let got=-1;got!==0&&
held<buffer.length;held+=got)got=fs2.readSync(fd,buffer,held,buffer.length-held,from+held);return{is:"text",text:buffer.toString("utf8",0,held),size}}exports2.read=
answering(({path,cap,keep})=>using(fs2.openSync(path,O_RDONLY|O_NONBLOCK),fd=>readPart(fd,cap,keep)),"ENOENT");var isOurs=(path,{uid})=>[process.geteuid(),0,fs2.
statSync(dirname(path)).uid].includes(uid);exports2.openOurs=(path,flags)=>{let fd=fs2.openSync(path,flags|O_CREAT|O_NOFOLLOW|O_NONBLOCK,384),seen=fs2.fstatSync(
fd);if(seen.isFile()&&seen.nlink<2&&isOurs(path,seen))return fd;throw fs2.closeSync(fd),Object.assign(new Error(path),{code:"ENOTOURS"})};exports2.append=answering(
({path,text})=>{let created=fs2.lstatSync(path,{throwIfNoEntry:!1})===void 0;using(exports2.openOurs(path,O_WRONLY|O_APPEND),fd=>writeWhole(fd,text)),created&&syncFolder(
dirname(path))});function replaceBy(path,make){let temporary=`${path}.${process.pid}.tmp`;fs2.rmSync(temporary,{force:!0});for(let name of fs2.readdirSync(dirname(
path)).filter(name2=>name2.startsWith(`${basename(path)}.`))){let[,pid]=/\.(\d+)\.tmp$/.exec(name)??[];pid&&!fs2.existsSync(`/proc/${pid}`)&&answering(fs2.rmSync)(
join(dirname(path),name))}try{make(temporary),fs2.renameSync(temporary,path)}finally{fs2.rmSync(temporary,{force:!0})}syncFolder(dirname(path))}exports2.replace=
answering(({path,text})=>replaceBy(path,temporary=>using(fs2.openSync(temporary,"wx",384),fd=>writeWhole(fd,text))));exports2.link=answering(({path,target})=>replaceBy(
path,temporary=>fs2.symlinkSync(target,temporary)));exports2.folder=answering(({path})=>{let refused=!fs2.existsSync(dirname(path))&&exports2.folder({path:dirname(
path)})||answering(()=>fs2.mkdirSync(path,448))();if(!refused)syncFolder(dirname(path));else if(refused.code!=="EEXIST"||!fs2.statSync(path).isDirectory())return refused;
if([fs2.lstatSync(path),fs2.statSync(path)].some(seen=>!isOurs(path,seen)))throw Object.assign(new Error(path),{code:"EFOREIGN"})});exports2.remove=answering(({
path})=>{fs2.unlinkSync(path),syncFolder(dirname(path))},"ENOENT");exports2.list=answering(({path})=>({is:"names",names:fs2.readdirSync(path).sort()}),"ENOENT");
var KINDS={isFile:"file",isDirectory:"folder",isSymbolicLink:"link"},kindOf=seen=>KINDS[Object.keys(KINDS).find(is=>seen[is]())]??"other";function statOf(path){
try{let seen=fs2.lstatSync(path);return{size:seen.size,modified_ms:Math.max(0,Math.floor(seen.mtimeMs)),kind:kindOf(seen),mode:seen.mode&511}}catch(error){return[
"ENOENT","ENOTDIR"].includes(error.code)?null:{size:0,modified_ms:0,kind:"other",mode:0}}}exports2.stat=({paths})=>({is:"stats",stats:paths.map(statOf)})}});var require_tail=__commonJS({"js/tail.js"(exports2){init_out_inject();exports2.Kept=class{constructor(cap,keep){Object.assign(this,{cap,keep,chunks:[],added:0,held:0,
total:0,whole:!0})}add(chunk){for(this.total+=chunk.length,this.whole=this.total<=this.cap,this.keep==="head"&&(chunk=chunk.subarray(0,this.cap-this.held)),this.
chunks.push(chunk),this.held+=chunk.length;this.chunks.length>1&&this.held-this.chunks[0].length>=this.cap;)this.held-=this.chunks.shift().length;++this.added%512===
0&&this.chunks.push(Buffer.concat(this.chunks.splice(-512)))}text(){let bytes=Buffer.concat(this.chunks),from=this.keep==="head"?0:Math.max(0,bytes.length-this.
cap);for(;from>0&&(bytes[from]&192)===128;)from++;return bytes.toString("utf8",from)}}}});var require_run=__commonJS({"js/run.js"(exports2){init_out_inject();var fs2=require("node:fs"),{spawn}=require("node:child_process"),{Kept}=require_tail(),{timer}=require_stop(),
[GRACE_AFTER_LIMIT_MS,GRACE_AFTER_STOP_MS]=[5e3,2e3],PIPES_AFTER_EXIT_MS=500,matches=name=>item=>item.endsWith("*")?name.startsWith(item.slice(0,-1)):name===item,
environments={};exports2.inherited=(drop,set)=>(environments[drop]??=Object.fromEntries(Object.entries(process.env).filter(([name])=>!drop.some(matches(name)))),
{...environments[drop],...set});function notStarted({code="EINVAL",message,syscall},{program,folder}){return code!=="ENOENT"||syscall==="open"?{is:"refused",code,
text:`${program}: ${message}`}:!folder||fs2.existsSync(folder)?{is:"missing"}:{is:"refused",code:"ENOFOLDER",text:folder}}function ending(child){let kill,signal=name=>{
try{process.kill(-child.pid,name)}catch{}};return{begin:grace=>{kill||(signal("SIGTERM"),kill=setTimeout(()=>[signal("SIGKILL"),child.emit("exit")],grace))},finish:()=>{
clearTimeout(kill),kill&&signal("SIGKILL")}}}function follow(child,{cap,limit_ms},onStop,resolve){let began=process.uptime(),kept=[child.stdout,child.stderr].map(
pipe=>{let part=new Kept(cap,"tail");return pipe?.on("data",chunk=>part.add(chunk)),part}),group=ending(child),timed_out=!1,limit=timer(limit_ms,()=>{timed_out=
!0,group.begin(GRACE_AFTER_LIMIT_MS)});onStop(()=>group.begin(GRACE_AFTER_STOP_MS));let close=()=>{group.finish(),child.stdout?.destroy(),child.stderr.destroy();
let[stdout3,stderr2]=kept.map(part=>part.text()),ms=Math.round((process.uptime()-began)*1e3);resolve({is:"ran",exit:child.exitCode,signal:child.signalCode,timed_out,
stdout:stdout3,stderr:stderr2,ms})};child.on("exit",()=>{clearTimeout(limit);let pipes=setTimeout(close,PIPES_AFTER_EXIT_MS);child.on("close",()=>clearTimeout(pipes)).
on("close",close)})}exports2.run=(command,onStop,file)=>new Promise(resolve=>{let{program,args,folder,env,drop}=command,refuse=error=>resolve(notStarted(error,command));
try{let out=command.into===void 0?"pipe":fs2.openSync(command.into,"wx",384),stdio=["ignore",out,"pipe",...file===void 0?[]:[file]],options={cwd:folder??void 0,
env:exports2.inherited(drop,env),detached:!0,stdio},child=spawn(program,args,options).on("error",refuse);out!=="pipe"&&fs2.closeSync(out),child.pid!==void 0&&follow(
child,command,onStop,resolve);try{child.pid&&command.noted_in&&require_files().append({path:command.noted_in,text:fs2.readFileSync(`/proc/${child.pid}/stat`,"ut\
f8")})}catch{}}catch(error){refuse(error)}})}});var require_lock=__commonJS({"js/lock.js"(exports2){init_out_inject();var fs2=require("node:fs"),{openOurs,refused}=require_files(),{stopped}=require_stop(),{O_NOFOLLOW,
O_NONBLOCK,O_RDONLY,O_RDWR}=fs2.constants,HELD=75,SHORTEST_WAIT_MS=200,ours=new Map;async function flock(fd,args,limit_ms,onStop){let bare={env:{PATH:process.env.
PATH,LC_ALL:"C"},drop:["*"]},command={program:"flock",args:[...args,"-E",String(HELD),"3"],...bare,cap:500},ran=await require_run().run({...command,limit_ms},onStop,
fd);return ran.is==="missing"?{is:"refused",code:"ENOFLOCK",text:command.program}:ran.is==="refused"||ran.exit===0?ran:ran.exit===HELD||ran.timed_out?{is:"held",
holder:fs2.readFileSync(fd,"utf8")}:{is:"refused",code:"EFLOCK",text:ran.stderr.trim()||String(ran.exit??ran.signal)}}async function take({path,holder,wait_ms},onStop){
let fd=openOurs(path,O_RDWR);try{let wait=Math.max(wait_ms,SHORTEST_WAIT_MS),ran=await flock(fd,["--exclusive","--timeout",String(wait/1e3)],wait+1e4,onStop);return ran.
is!=="ran"||stopped()?ran:fs2.lstatSync(path,{throwIfNoEntry:!1})?.ino!==fs2.fstatSync(fd).ino?null:(fs2.ftruncateSync(fd,0),fs2.writeSync(fd,holder,0),fs2.fsyncSync(
fd),ours.set(path,fd),{is:"locked"})}finally{ours.get(path)!==fd&&fs2.closeSync(fd)}}exports2.lock=async(command,onStop)=>{try{return await take(command,onStop)??
await exports2.lock(command,onStop)}catch(error){return refused(error)}};exports2.unlock=async({path})=>{let fd=ours.get(path);if(ours.delete(path)){try{fs2.ftruncateSync(
fd,0)}catch{}await flock(fd,["--unlock"],1e4,()=>{}),fs2.closeSync(fd)}};exports2.peek=async({path})=>{let fd;try{if(fd=fs2.openSync(path,O_RDONLY|O_NOFOLLOW|O_NONBLOCK),
fs2.fstatSync(fd).size===0)return{is:"missing"};let ran=await flock(fd,["--shared","--nonblock"],1e4,()=>{});return ran.is==="ran"?{is:"missing"}:ran}catch(error){
return error.code==="ENOENT"?{is:"missing"}:refused(error)}finally{fd!==void 0&&fs2.closeSync(fd)}};exports2.fileOf=path=>ours.get(path)}});var require_http=__commonJS({"js/http.js"(exports2){init_out_inject();var{Kept}=require_tail(),{timer}=require_stop();process.env.UV_THREADPOOL_SIZE??="16";var LOCAL=/^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
exports2.usesProxy=()=>["http_proxy","https_proxy","all_proxy"].some(name=>process.env[name]||process.env[name.toUpperCase()]);var agentFor=url=>!LOCAL.test(url.
hostname)&&exports2.usesProxy()&&require("./proxy.js").agentFor(url);function unreached(phase,error){let parts=error.errors?.map(one=>one.message).join("; ");return{
is:"unreached",phase,text:error.message||parts||error.code||"no answer"}}function following(request){let phase="connect";return request.on("socket",socket=>{let further=()=>phase=
socket.secureConnecting?"tls":"answer";socket.connecting||further(),socket.once("connect",further).once("secureConnect",further)}),({code,errors=[{code}]})=>code===
"ENOTFOUND"||code?.startsWith("EAI_")?"resolve":phase==="connect"&&errors.every(one=>/^E(NET|HOST|ADDR|AF|TIMEDOUT)/.test(one.code))?"network":phase}function answered(response,url,body,began){
let headers=Object.entries(response.headersDistinct).map(([name,values])=>[name,values.join(", ")]),{location}=response.headers;return{is:"answered",status:response.
statusCode,headers:Object.fromEntries(headers),body:body.text(),whole:body.whole,location:location!==void 0&&URL.canParse(location,url)?new URL(location,url).href:
null,ms:Math.round((process.uptime()-began)*1e3),certificate_ends_ms:response.certificate_ends_ms}}function receive(response,{cap,keep},done,fail){let body=new Kept(
cap,keep);response.certificate_ends_ms=Date.parse(response.socket.getPeerCertificate?.().valid_to)||null,response.on("data",chunk=>{body.add(chunk),keep==="head"&&
!body.whole&&done(response,body)}),response.on("end",()=>done(response,body)),response.on("error",fail),response.on("close",()=>fail(new Error("the connection e\
nded before the answer did")))}function requestOf(url,{method,headers}){let request=(url.protocol==="https:"?require("node:https"):require("node:http")).request(
url,{method,agent:agentFor(url),autoSelectFamilyAttemptTimeout:1500});try{for(let[name,value]of headers)request.appendHeader(name,value);return request.hasHeader(
"user-agent")||request.setHeader("User-Agent","mangetamain-deploy"),request}catch(error){throw request.on("error",()=>{}).destroy(),Object.assign(error,{phase:"\
url"})}}function exchange(url,command,onStop,resolve){let began=process.uptime(),request=requestOf(url,command),phaseOf=following(request),settle=reply=>{clearTimeout(
limit),resolve(reply),request.destroy()},fail=error=>settle(unreached(phaseOf(error),error)),late=Object.assign(new Error(`${command.limit_ms} ms`),{code:"ETIME\
DOUT"}),limit=timer(command.limit_ms,()=>settle(unreached(phaseOf(late)==="network"?"network":"timeout",late)));onStop(()=>timer(command.method!=="GET"&&request.
writableFinished?2e3:0,()=>settle(null)).unref()),request.on("error",fail),request.on("proxyConnect",({statusCode})=>{statusCode!==void 0&&statusCode!==200&&fail(
new Error(`the proxy answered ${statusCode}`))});let done=(response,body)=>settle(answered(response,url,body,began));request.on("response",response=>receive(response,
command,done,fail)),request.end(command.body??void 0)}exports2.http=(command,onStop)=>new Promise(resolve=>{try{let url=URL.canParse(command.url)?new URL(command.
url):{};/^https?:$/.test(url.protocol)?exchange(url,command,onStop,resolve):resolve(unreached("url",new Error("not an http or https URL")))}catch(error){resolve(
unreached(error.phase??"connect",error))}})}});var require_processes=__commonJS({"js/processes.js"(exports2){init_out_inject();var fs2=require("node:fs"),orElse=(value,act)=>{try{return act()}catch{return value}},
target=path=>{try{return fs2.readlinkSync(path)}catch({code}){return code}},names=folder=>orElse([],()=>fs2.readdirSync(folder)),nameOf=pid=>orElse("",()=>fs2.readFileSync(
`/proc/${pid}/comm`,"utf8").trim()),ownerOf=path=>orElse(NaN,()=>fs2.statSync(path).uid);exports2.processes=command=>{let[file,folder]=[command.file,command.folder].
map(path=>orElse(path,()=>fs2.realpathSync(path))),opens=pid=>names(`/proc/${pid}/fd`).some(fd=>target(`/proc/${pid}/fd/${fd}`)===file),worksAt=(cwd,pid)=>cwd===
"EACCES"?ownerOf(`/proc/${pid}`)===ownerOf(file):`${cwd}/`.startsWith(`${folder}/`),others=names("/proc").map(Number).filter(pid=>pid>0&&pid!==process.pid).map(
pid=>[pid,nameOf(pid)]),mayWork=([pid,name])=>name.startsWith("git")&&worksAt(target(`/proc/${pid}/cwd`),pid);return{is:"processes",processes:others.filter(one=>mayWork(
one)||opens(one[0]))}}}});var require_detach=__commonJS({"js/detach.js"(exports2){init_out_inject();var path=require("node:path"),{spawn}=require("node:child_process"),{refused}=require_files(),
{inherited}=require_run(),READY_WITHIN_MS=1e4,FLAGS=["--max-semi-space-size=1","--optimize-for-size","--liftoff-only","--single-threaded"];function awaitReady(child,resolve){
let settle=reply=>{clearTimeout(limit),child.removeAllListeners("exit");for(let held of[child.stdin,child.stdout,child])held.unref?.();resolve(reply)},limit=setTimeout(
()=>child.kill("SIGKILL"),READY_WITHIN_MS);child.on("error",error=>settle(refused(error))),child.on("exit",(code,signal)=>settle({is:"refused",code:"EWATCHER",text:String(
code??signal)})),child.stdin.on("error",()=>{}),child.stdout.once("data",()=>settle({is:"detached",pid:child.pid}))}exports2.detach=({start:start2,drop})=>new Promise(
resolve=>{let options={detached:!0,cwd:"/",env:inherited(drop),stdio:["pipe","pipe","ignore"]},child=spawn(process.execPath,[...FLAGS,path.join(__dirname,"watch\
er.js")],options);awaitReady(child,resolve),child.stdin.end(JSON.stringify(start2))})}});var require_host=__commonJS({"js/host.js"(exports2){init_out_inject();var{sleep,unlessStopped}=require_stop();function run(command,onStop){let held=command.under_lock?
require_lock().fileOf(command.under_lock):void 0;return command.under_lock&&held===void 0?{is:"refused",code:"ENOTHELD",text:command.under_lock}:require_run().run(
command,onStop,held)}var stoppable=act=>command=>unlessStopped(onStop=>act(command,onStop)),ACTS={...require_files(),clock:()=>({is:"clock",ms:Date.now()}),sleep:stoppable(
sleep),run:stoppable(run),save:stoppable(({run:command,path},onStop)=>run({...command,into:path},onStop)),http:command=>unlessStopped(onStop=>require_http().http(
command,onStop),reply=>command.method!=="GET"&&reply?.is==="answered"),"last-word":command=>require_http().http(command,()=>{}),lock:stoppable((command,onStop)=>require_lock().
lock(command,onStop)),unlock:command=>require_lock().unlock(command),peek:command=>require_lock().peek(command),processes:command=>require_processes().processes(
command),detach:command=>require_detach().detach(command)},wire=({is,...rest})=>Object.keys(rest).length>0?{[is]:rest}:is;exports2.createHost=(say2,mask)=>{let shown={
say:({level,text})=>say2(level,text),mask:({values})=>mask(values)};return{perform:async command=>wire(await(ACTS[command.do]??shown[command.do])(command)??{is:"\
done"})}}}});var require_mangetamain_deploy=__commonJS({"pkg/mangetamain_deploy.js"(exports2){init_out_inject();function run(start2,door){let ptr0=passStringToWasm0(start2,wasm.
__wbindgen_malloc,wasm.__wbindgen_realloc),len0=WASM_VECTOR_LEN;return wasm.run(ptr0,len0,door)}exports2.run=run;function __wbg_get_imports(){return{__proto__:null,
"./mangetamain_deploy_bg.js":{__proto__:null,__wbg_Error_208446807d0d1e30:function(arg0,arg1){return Error(getStringFromWasm0(arg0,arg1))},__wbg_Number_ff192a72a0dcdf6d:function(arg0){
return Number(arg0)},__wbg_String_8564e559799eccda:function(arg0,arg1){let ret=String(arg1),ptr1=passStringToWasm0(ret,wasm.__wbindgen_malloc,wasm.__wbindgen_realloc),
len1=WASM_VECTOR_LEN;getDataViewMemory0().setInt32((arg0>>>0)+4,len1,!0),getDataViewMemory0().setInt32((arg0>>>0)+0,ptr1,!0)},__wbg___wbindgen_bigint_get_as_i64_11da4b52cd0aedef:function(arg0,arg1){
let v=arg1,ret=typeof v=="bigint"?v:void 0;getDataViewMemory0().setBigInt64((arg0>>>0)+8,isLikeNone(ret)?BigInt(0):ret,!0),getDataViewMemory0().setInt32((arg0>>>
0)+0,!isLikeNone(ret),!0)},__wbg___wbindgen_boolean_get_4f1baf9a00be3c74:function(arg0){let v=arg0,ret=typeof v=="boolean"?v:void 0;return isLikeNone(ret)?16777215:
ret?1:0},__wbg___wbindgen_debug_string_f249a2a76caa9a55:function(arg0,arg1){let ret=debugString(arg1),ptr1=passStringToWasm0(ret,wasm.__wbindgen_malloc,wasm.__wbindgen_realloc),
len1=WASM_VECTOR_LEN;getDataViewMemory0().setInt32((arg0>>>0)+4,len1,!0),getDataViewMemory0().setInt32((arg0>>>0)+0,ptr1,!0)},__wbg___wbindgen_in_3f58a9d3b3a7eed2:function(arg0,arg1){
return arg0 in arg1},__wbg___wbindgen_is_bigint_5fa10641e039d3ef:function(arg0){return typeof arg0=="bigint"},__wbg___wbindgen_is_function_741ff2bb612836f5:function(arg0){
return typeof arg0=="function"},__wbg___wbindgen_is_object_8b968c3ab8e96595:function(arg0){let val=arg0;return typeof val=="object"&&val!==null},__wbg___wbindgen_is_string_fc456fee5d3317de:function(arg0){
return typeof arg0=="string"},__wbg___wbindgen_is_undefined_be5b34249ff1fc15:function(arg0){return arg0===void 0},__wbg___wbindgen_jsval_eq_38d7bfbe4cc84039:function(arg0,arg1){
return arg0===arg1},__wbg___wbindgen_jsval_loose_eq_b2f214e2e4b30e36:function(arg0,arg1){return arg0==arg1},__wbg___wbindgen_number_get_934b640d0889af78:function(arg0,arg1){
let obj=arg1,ret=typeof obj=="number"?obj:void 0;getDataViewMemory0().setFloat64((arg0>>>0)+8,isLikeNone(ret)?0:ret,!0),getDataViewMemory0().setInt32((arg0>>>0)+
0,!isLikeNone(ret),!0)},__wbg___wbindgen_string_get_7ce8eee7fd327545:function(arg0,arg1){let obj=arg1,ret=typeof obj=="string"?obj:void 0;var ptr1=isLikeNone(ret)?
0:passStringToWasm0(ret,wasm.__wbindgen_malloc,wasm.__wbindgen_realloc),len1=WASM_VECTOR_LEN;getDataViewMemory0().setInt32((arg0>>>0)+4,len1,!0),getDataViewMemory0().
setInt32((arg0>>>0)+0,ptr1,!0)},__wbg___wbindgen_throw_4c88d8bf264fd984:function(arg0,arg1){throw new Error(getStringFromWasm0(arg0,arg1))},__wbg__wbg_cb_unref_09736879a3f67559:function(arg0){
arg0._wbg_cb_unref()},__wbg_call_40b008ba32f73991:function(){return handleError(function(arg0,arg1){return arg0.call(arg1)},arguments)},__wbg_call_a410eb4b59ed5965:function(){
return handleError(function(arg0,arg1,arg2){return arg0.call(arg1,arg2)},arguments)},__wbg_done_57e08d0be6e30c02:function(arg0){return arg0.done},__wbg_entries_7bb1459bd9b5c2b9:function(arg0){
return Object.entries(arg0)},__wbg_get_2080c49015e35254:function(){return handleError(function(arg0,arg1){return Reflect.get(arg0,arg1)},arguments)},__wbg_get_635eea311fa1a291:function(){
return handleError(function(arg0,arg1){return Reflect.get(arg0,arg1)},arguments)},__wbg_get_d7176cfb76d71114:function(arg0,arg1){return arg0[arg1>>>0]},__wbg_get_unchecked_e6325ad374eff861:function(arg0,arg1){
return arg0[arg1>>>0]},__wbg_get_with_ref_key_fc601247060b7204:function(arg0,arg1){return arg0[arg1]},__wbg_instanceof_ArrayBuffer_12cdaa4161423e6b:function(arg0){
let result;try{result=arg0 instanceof ArrayBuffer}catch{result=!1}return result},__wbg_instanceof_Uint8Array_d7aeb0dcb3108fea:function(arg0){let result;try{result=
arg0 instanceof Uint8Array}catch{result=!1}return result},__wbg_isArray_bcf1376d0d732d08:function(arg0){return Array.isArray(arg0)},__wbg_isSafeInteger_1a35ba4d31e71d38:function(arg0){
return Number.isSafeInteger(arg0)},__wbg_iterator_e4c5e8f68ada7b58:function(){return Symbol.iterator},__wbg_length_186163212ffe79c3:function(arg0){return arg0.length},
__wbg_length_b03a0fabb109b1e9:function(arg0){return arg0.length},__wbg_new_13de428334042d26:function(arg0){return new Uint8Array(arg0)},__wbg_new_37eb45aaf5eeb820:function(){
return new Array},__wbg_new_7075786089b89c5e:function(){return new Map},__wbg_new_cd4348290afae586:function(){return new Object},__wbg_new_typed_e09da9dae6ee5935:function(arg0,arg1){
try{var state0={a:arg0,b:arg1},cb0=(arg02,arg12)=>{let a=state0.a;state0.a=0;try{return wasm_bindgen__convert__closures_____invoke__h172d7777c606d09b(a,state0.b,
arg02,arg12)}finally{state0.a=a}};return new Promise(cb0)}finally{state0.a=0}},__wbg_next_178c1651c11432b3:function(arg0){return arg0.next},__wbg_next_af5ac6a08bb0a717:function(){
return handleError(function(arg0){return arg0.next()},arguments)},__wbg_perform_2d4e4527387ecc6a:function(){return handleError(function(arg0,arg1){return arg0.perform(
arg1)},arguments)},__wbg_prototypesetcall_13162965d1fe7aa3:function(arg0,arg1,arg2){Uint8Array.prototype.set.call(getArrayU8FromWasm0(arg0,arg1),arg2)},__wbg_queueMicrotask_1e8503a8a690f0a3:function(arg0){
return arg0.queueMicrotask},__wbg_queueMicrotask_4a1a4d8dd332373b:function(arg0){queueMicrotask(arg0)},__wbg_resolve_dbf78ab4942478b0:function(arg0){return Promise.
resolve(arg0)},__wbg_set_8282f7e0d2d01336:function(arg0,arg1,arg2){return arg0.set(arg1,arg2)},__wbg_set_d2d33b52458e984a:function(arg0,arg1,arg2){arg0[arg1>>>0]=
arg2},__wbg_set_e4b9a833d288759a:function(arg0,arg1,arg2){arg0[arg1]=arg2},__wbg_static_accessor_GLOBAL_THIS_003ee833af9699fc:function(){let ret=typeof globalThis>
"u"?void 0:globalThis;return isLikeNone(ret)?0:addToExternrefTable0(ret)},__wbg_static_accessor_GLOBAL_e4293fb22cbe77da:function(){let ret=typeof global>"u"?void 0:
global;return isLikeNone(ret)?0:addToExternrefTable0(ret)},__wbg_static_accessor_SELF_53bb20457401453d:function(){let ret=typeof self>"u"?void 0:self;return isLikeNone(
ret)?0:addToExternrefTable0(ret)},__wbg_static_accessor_WINDOW_b5e0810bfecb7feb:function(){let ret=typeof window>"u"?void 0:window;return isLikeNone(ret)?0:addToExternrefTable0(
ret)},__wbg_then_656f253a5dd7d8ea:function(arg0,arg1,arg2){return arg0.then(arg1,arg2)},__wbg_then_e3f7f2d365708be8:function(arg0,arg1){return arg0.then(arg1)},
__wbg_value_e0f328965e184931:function(arg0){return arg0.value},__wbindgen_generic_0000000000000001:function(arg0,arg1){return makeMutClosure(arg0,arg1,wasm_bindgen__convert__closures_____invoke__h613313b36d7f3c1d)},
__wbindgen_generic_0000000000000002:function(arg0){return arg0},__wbindgen_generic_0000000000000003:function(arg0,arg1){return getStringFromWasm0(arg0,arg1)},__wbindgen_generic_0000000000000004:function(arg0){
return BigInt.asUintN(64,arg0)},__wbindgen_init_externref_table:function(){let table=wasm.__wbindgen_externrefs;table.set(0,void 0),table.set(1024,void 0),table.
set(1025,null),table.set(1026,!0),table.set(1027,!1)}}}}function wasm_bindgen__convert__closures_____invoke__h613313b36d7f3c1d(arg0,arg1,arg2){let ret=wasm.wasm_bindgen__convert__closures_____invoke__h613313b36d7f3c1d(
arg0,arg1,arg2);if(ret[1])throw takeFromExternrefTable0(ret[0])}function wasm_bindgen__convert__closures_____invoke__h172d7777c606d09b(arg0,arg1,arg2,arg3){wasm.
wasm_bindgen__convert__closures_____invoke__h172d7777c606d09b(arg0,arg1,arg2,arg3)}function addToExternrefTable0(obj){let idx=wasm.__externref_table_alloc();return wasm.
__wbindgen_externrefs.set(idx,obj),idx}var CLOSURE_DTORS=typeof FinalizationRegistry>"u"?{register:()=>{},unregister:()=>{}}:new FinalizationRegistry(state=>wasm.
__wbindgen_destroy_closure(state.a,state.b));function debugString(val){switch(typeof val){case"number":case"boolean":case"undefined":return`${val}`;case"string":
return JSON.stringify(val);case"bigint":return`${val}n`;case"symbol":return val.description!==void 0?`Symbol(${val.description})`:"Symbol";case"function":return typeof val.
name=="string"&&val.name!==""?`Function(${val.name})`:"Function";case"object":{if(val===null)return"null";if(Array.isArray(val))return"["+Array.from(val,debugString).
join(", ")+"]";if(val instanceof Error)return`${val.name}: ${val.message}
${val.stack}`;let toStringOutput=toString.call(val),className=/\[object ([^\]]+)\]/.exec(toStringOutput)?.[1];if(className===void 0)return toStringOutput;if(className===
"Object")try{return"Object("+JSON.stringify(val)+")"}catch{return"Object"}return className}}}function getArrayU8FromWasm0(ptr,len){return ptr=ptr>>>0,getUint8ArrayMemory0().
subarray(ptr/1,ptr/1+len)}var cachedDataViewMemory0=null;function getDataViewMemory0(){return(cachedDataViewMemory0===null||cachedDataViewMemory0.buffer.detached===
!0||cachedDataViewMemory0.buffer.detached===void 0&&cachedDataViewMemory0.buffer!==wasm.memory.buffer)&&(cachedDataViewMemory0=new DataView(wasm.memory.buffer)),
cachedDataViewMemory0}function getStringFromWasm0(ptr,len){return ptr=ptr>>>0,decodeText(getUint8ArrayMemory0().subarray(ptr,ptr+len))}var cachedUint8ArrayMemory0=null;
function getUint8ArrayMemory0(){return(cachedUint8ArrayMemory0===null||cachedUint8ArrayMemory0.byteLength===0)&&(cachedUint8ArrayMemory0=new Uint8Array(wasm.memory.
buffer)),cachedUint8ArrayMemory0}function handleError(f,args){try{return f.apply(this,args)}catch(e){let idx=addToExternrefTable0(e);wasm.__wbindgen_exn_store(idx)}}
function isLikeNone(x){return x==null}function makeMutClosure(arg0,arg1,f){let state={a:arg0,b:arg1,cnt:1},real=(...args)=>{state.cnt++;let a=state.a;state.a=0;
try{return f(a,state.b,...args)}finally{state.a=a,real._wbg_cb_unref()}};return real._wbg_cb_unref=()=>{--state.cnt===0&&(wasm.__wbindgen_destroy_closure(state.
a,state.b),state.a=0,CLOSURE_DTORS.unregister(state))},CLOSURE_DTORS.register(real,state,state),real}function passStringToWasm0(arg,malloc,realloc){if(realloc===
void 0){let buf=cachedTextEncoder.encode(arg),ptr2=malloc(buf.length,1)>>>0;return getUint8ArrayMemory0().subarray(ptr2,ptr2+buf.length).set(buf),WASM_VECTOR_LEN=
buf.length,ptr2}let len=arg.length,ptr=malloc(len,1)>>>0,mem=getUint8ArrayMemory0(),offset=0;for(;offset<len;offset++){let code=arg.charCodeAt(offset);if(code>127)
break;mem[ptr+offset]=code}if(offset!==len){offset!==0&&(arg=arg.slice(offset)),ptr=realloc(ptr,len,len=offset+arg.length*3,1)>>>0;let view=getUint8ArrayMemory0().
subarray(ptr+offset,ptr+len),ret=cachedTextEncoder.encodeInto(arg,view);offset+=ret.written,ptr=realloc(ptr,len,offset,1)>>>0}return WASM_VECTOR_LEN=offset,ptr}
function takeFromExternrefTable0(idx){let value=wasm.__wbindgen_externrefs.get(idx);return wasm.__externref_table_dealloc(idx),value}var cachedTextDecoder=new TextDecoder(
"utf-8",{ignoreBOM:!0});cachedTextDecoder.decode();function decodeText(bytes){return cachedTextDecoder.decode(bytes)}var cachedTextEncoder=new TextEncoder;"enco\
deInto"in cachedTextEncoder||(cachedTextEncoder.encodeInto=function(arg,view){let buf=cachedTextEncoder.encode(arg);return view.set(buf),{read:arg.length,written:buf.
length}});var WASM_VECTOR_LEN=0,wasmPath=`${__dirname}/mangetamain_deploy_bg.wasm`,wasmBytes=require("fs").readFileSync(wasmPath),wasmModule=new WebAssembly.Module(
wasmBytes),wasmInstance=new WebAssembly.Instance(wasmModule,__wbg_get_imports()),wasm=wasmInstance.exports;wasm.__wbindgen_start()}});var require_serve=__commonJS({"js/serve.js"(exports2){init_out_inject();var{createHost}=require_host();function bug(error){let failure=`This is a bug in mangeta\
main-deploy, not in your project: ${String(error?.message??error).replace(/[^\P{Cc}\n]/gu," ").slice(0,2e3)}
It stopped at once. The lock frees itself, and the next run finishes or undoes what was begun: mode \`status\` says what is live.`;return{outputs:{},summary:"",
terminal:"",failure,exit:1}}var folder=()=>{try{return process.cwd()}catch{return process.chdir("/"),"/"}};exports2.start=(door,more)=>{let env=Object.entries(process.
env).filter(([name])=>!name.startsWith("INPUT_")),{pid,platform,version:node}=process;return{door,env:Object.fromEntries(env),folder:folder(),pid,platform,node,
...more}};exports2.serve=(start2,{say:say2,mask,publish:publish2})=>{let told=!1,end=publication=>{told||(told=!0,publish2(publication),process.exit(publication.
exit))},endByBug=error=>end(bug(error));for(let name of["uncaughtException","unhandledRejection"])process.on(name,endByBug);process.on("beforeExit",()=>endByBug(
"it waits for something that cannot come"));let v8=require("node:v8");v8.setFlagsFromString("--wasm-lazy-validation");let{run}=require_mangetamain_deploy();v8.setFlagsFromString(
"--no-wasm-lazy-validation"),run(JSON.stringify(start2),createHost(say2,mask)).then(text=>end(JSON.parse(text)),endByBug)}}});init_out_inject();var fs=require("node:fs"),{stderr,stdout:stdout2}=require_out(),{serve,start}=require_serve(),back="";function write(out,text,end=`
`){out.write(back+(end?text:`\x1B[?7l${text}\x1B[?7h`)+end),back=end?"":"\r\x1B[K"}var STREAMS={line:stdout2,group:stdout2,live:stdout2,notice:stderr,warning:stderr},
say=(level,text)=>STREAMS[level]&&write(STREAMS[level],text,level==="live"?"":`
`),publish=({terminal,failure})=>[[stdout2,terminal],[stderr,failure]].forEach(([out,text])=>text&&write(out,text.replace(/\n$/,""))),place=fd=>{try{return fs.readlinkSync(
`/proc/self/fd/${fd}`)}catch{return""}};serve(start("command",{args:process.argv.slice(2),open:[0,1].map(place)}),{say,mask(){},publish});
